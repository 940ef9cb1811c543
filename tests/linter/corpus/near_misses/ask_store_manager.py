"""Ask every store manager (as a persona) about every planned assortment change."""
from functools import partial

from weft.primitives import agent, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {
        "stores": {"type": "array", "items": {"type": "string"}, "maxItems": 10},
        "changes": {"type": "array", "items": {"type": "string"}, "maxItems": 6},
    },
    "required": ["stores", "changes"],
}
OPINION = {
    "type": "object",
    "properties": {"support": {"enum": ["yes", "no", "depends"]}, "comment": {"type": "string"}},
    "required": ["support", "comment"],
}


async def opinion(store, change):
    reply = await agent(
        f"You manage the store {store}; its sales figures are in stores/{store}.csv. What do you think of: {change}?",
        schema=OPINION,
        label=f"{store}:{change}",
    )
    return {"store": store, "change": change, **reply} if reply else None


def ask_all(stores, change):
    def ask(store):
        return lambda: opinion(store, change)

    return [ask(store) for store in stores]


async def main(args):
    phase("Ask")
    thunks = []
    for change in args["changes"]:
        thunks += ask_all(args["stores"], change)
    retry = [partial(opinion, "head office", change) for change in args["changes"]]
    answers = list(filter(None, await parallel([*thunks, *retry])))
    log(f"{len(answers)} of {len(thunks) + len(retry)} opinions")
    return {
        change: {
            support: [a["store"] for a in answers if a["change"] == change and a["support"] == support]
            for support in ("yes", "no", "depends")
        }
        for change in args["changes"]
    }
