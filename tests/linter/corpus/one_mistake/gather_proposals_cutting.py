"""Gather proposals for cutting the tram line's delays from four depots, then price each once."""

from weft.primitives import agent, log, parallel, pipeline

DEPOTS = ["Westhof", "Hafen", "Nordring", "Messe"]
PROPOSALS = {
    "type": "object",
    "properties": {
        "proposals": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {
                    "stop": {"type": "string"},
                    "measure": {"type": "string", "enum": ["signal", "platform", "timetable", "staff"]},
                    "rationale": {"type": "string"},
                },
                "required": ["stop", "measure", "rationale"],
            },
        }
    },
    "required": ["proposals"],
}
PRICE = {"type": "object", "properties": {"euros": {"type": "integer"}}, "required": ["euros"]}


def squash(text):
    return " ".join(text.lower().split())


def fingerprint(row):
    return "|".join(squash(row[part]) for part in ("stop", "measure", "rationale"))


async def price(row):
    quote = await agent(f"What would {row['measure']} work at {row['stop']} cost?", schema=PRICE)
    return {**row, "euros": quote["euros"]} if quote else None


async def main(args):
    replies = await parallel([agent(f"Proposals against delays around {d}", schema=PROPOSALS) for d in DEPOTS])
    unique = {fingerprint(row): row for reply in replies if reply for row in reply["proposals"]}
    log(f"{len(unique)} different proposals")
    priced = [row for row in await pipeline(list(unique.values()), price) if row]
    return sorted(priced, key=lambda row: row["euros"])
