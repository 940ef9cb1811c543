"""Parliament hearings: every promise of a witness to hand over documents later."""

from weft.primitives import Seen, agent, parallel, until_dry

PROMISES = {
    "type": "object",
    "properties": {
        "promises": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {
                    "witness": {"type": "string"},
                    "session": {"type": "integer"},
                    "quote": {"type": "string", "maxLength": 600},
                },
                "required": ["witness", "session", "quote"],
            },
        }
    },
    "required": ["promises"],
}
SESSIONS = ["spring", "summer", "autumn"]


def wording(promise):
    return promise["witness"], promise["quote"]


def only_new(replies):
    seen = Seen(key=wording)
    return seen.add([p for r in replies if r for p in r["promises"]])


async def main(args):
    ledger = []
    for r in until_dry(max_rounds=5, patience=1):
        known = ", ".join(sorted({p["witness"] for p in ledger}))
        replies = await parallel(
            [agent(f"Hearings of the {s}: who promised documents? Look beyond {known or 'nobody'}.", schema=PROMISES) for s in SESSIONS]
        )
        fresh = only_new(replies)
        r.found(fresh)
        ledger.extend(fresh)
    return ledger
