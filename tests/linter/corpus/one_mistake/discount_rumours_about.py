"""Which of the discount rumours about the rail pass are true?"""

from itertools import compress

from weft.primitives import agent, parallel, verify

ARGS = {"type": "object", "properties": {"forum": {"type": "string"}}, "required": ["forum"]}
RUMOURS = {
    "type": "object",
    "properties": {
        "rumours": {
            "type": "array",
            "maxItems": 14,
            "items": {
                "type": "object",
                "properties": {"who": {"type": "string"}, "discount": {"type": "string"}},
                "required": ["who", "discount"],
            },
        }
    },
    "required": ["rumours"],
}
LENSES = ("the tariff itself", "is it still valid", "does it hold for this group")


def contest(rumour):
    return verify(f"{rumour['who']} get {rumour['discount']} on the rail pass", lenses=list(LENSES), quorum=2)


async def main(args):
    reply = await agent(f"Discount rumours about the rail pass in {args['forum']}", schema=RUMOURS)
    rumours = reply["rumours"] if reply else []
    verdicts = await parallel([contest(rumour) for rumour in rumours])
    true_ones = list(compress(rumours, verdicts))
    groups = sorted({rumour["who"] for rumour in true_ones})
    return {"true": true_ones, "groups": groups, "heard": len(rumours)}
