"""Which columns are duplicates of one another across the warehouse? Each pair is checked once."""

from itertools import combinations

from weft.primitives import agent, dedup, log, parallel, phase, verify

ARGS = {
    "type": "object",
    "properties": {"schemas": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 8}},
    "required": ["schemas"],
}
PAIRS = {
    "type": "object",
    "properties": {
        "pairs": {
            "type": "array",
            "maxItems": 4,
            "items": {
                "type": "object",
                "properties": {"left": {"type": "string"}, "right": {"type": "string"}, "why": {"type": "string", "maxLength": 200}},
                "required": ["left", "right", "why"],
            },
        }
    },
    "required": ["pairs"],
}


def key(pair):
    return tuple(sorted([pair["left"].lower(), pair["right"].lower()]))


async def main(args):
    phase("Compare")
    couples = list(combinations(args["schemas"], 2))
    replies = await parallel([agent(f"Which columns of {a} and {b} hold the same? Write schema.table.column.", schema=PAIRS, label=f"{a}-{b}") for a, b in couples])
    pairs = dedup([pair for reply in replies if reply for pair in reply["pairs"]], key=key)
    lost = [f"{a}-{b}" for (a, b), reply in zip(couples, replies) if reply is None]
    phase("Check")
    verdicts = await parallel([verify(pair, lenses=["same values", "same meaning"], quorum=2) for pair in pairs])
    kept = [pair for pair, verdict in zip(pairs, verdicts) if verdict and verdict["survives"]]
    log(f"{len(kept)} of {len(pairs)} pairs held up")
    return {"duplicates": sorted(kept, key=key), "not_compared": lost}
