"""Which tenders of this week fit us best? Many portals list the same tender; the most complete entry counts."""

from weft.primitives import agent, dedup, judge, parallel, phase, top_k

ARGS = {
    "type": "object",
    "properties": {"portals": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 15}},
    "required": ["portals"],
}
TENDERS = {
    "type": "object",
    "properties": {
        "tenders": {
            "type": "array",
            "maxItems": 12,
            "items": {
                "type": "object",
                "properties": {
                    "number": {"type": "string", "pattern": "^[0-9]{4}/S [0-9]{3}-[0-9]{6}$"},
                    "title": {"type": "string"},
                    "facts": {"type": "array", "maxItems": 10, "items": {"type": "string"}},
                    "fit": {"type": "integer", "minimum": 0, "maximum": 10},
                },
                "required": ["number", "title", "facts", "fit"],
            },
        }
    },
    "required": ["tenders"],
}


async def main(args):
    phase("Collect")
    replies = await parallel(
        [agent(f"List the tenders of this week in {p}. How well does each fit profile.md, from 0 to 10?", schema=TENDERS, label=p) for p in args["portals"]]
    )
    entries = [t for reply in replies if reply for t in reply["tenders"]]
    fullest_first = sorted(entries, key=lambda t: -len(t["facts"]))
    tenders = dedup(fullest_first, key=lambda t: t["number"])
    shortlist = top_k(tenders, 6, by="fit")

    phase("Judge")
    shown = [{"title": t["title"], "facts": t["facts"]} for t in shortlist]
    ranking = await judge(shown, criteria=["it fits what profile.md says we do", "the deadline can be met"], judges=3)
    order = [shortlist[s["index"]] for s in ranking.standings]
    return {
        "best_first": order,
        "ranking": ranking.outcome,
        "not_judged": [t["number"] for t in tenders if t not in shortlist],
        "portals_lost": [p for p, reply in zip(args["portals"], replies) if reply is None],
        "portals_cut": [p for p, reply in zip(args["portals"], replies) if reply and reply["tenders"].full],
    }
