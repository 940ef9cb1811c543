"""Find claims about the health effects of cold baths and keep those that survive a check."""

from weft.primitives import agent, parallel, until_dry, verify

EFFECTS = {
    "type": "object",
    "properties": {
        "effects": {
            "type": "array",
            "maxItems": 6,
            "items": {
                "type": "object",
                "properties": {"organ": {"type": "string"}, "direction": {"enum": ["better", "worse"]}, "study": {"type": "string"}},
                "required": ["organ", "direction", "study"],
            },
        }
    },
    "required": ["effects"],
}


class Ledger:
    def __init__(self):
        self.known = set()
        self.upheld = []

    def take(self, effects):
        new = []
        for e in effects:
            place = (e["organ"].lower(), e["direction"], e["study"].lower())
            if place in self.known:
                continue
            self.known.add(place)
            new.append(e)
        return new

    async def contest(self, e):
        verdict = await verify(e, lenses=["the study measured this", "the effect is not a regression to the mean"], quorum=2)
        return e if verdict["survives"] else None


async def main(args):
    ledger = Ledger()
    for search in until_dry(max_rounds=5):
        replies = await parallel(
            [
                agent(f"Search {search.number}: {kind} on cold baths; {len(ledger.known)} effects are known already.", schema=EFFECTS)
                for kind in ("controlled trials", "cohort studies")
            ]
        )
        new = ledger.take([e for r in replies if r for e in r["effects"]])
        search.found(new)
        ledger.upheld += [e for e in await parallel([ledger.contest(e) for e in new]) if e]
    return {"upheld": ledger.upheld, "contested": len(ledger.known)}
