"""Route support tickets to a queue; start with the cheapest model and climb only while the answer is unsure."""

from collections import Counter

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"tickets": {"type": "array", "maxItems": 25, "items": {"type": "string"}}},
    "required": ["tickets"],
}
ROUTE = {
    "type": "object",
    "properties": {
        "queue": {"type": "string", "enum": ["billing", "login", "shipping", "other"]},
        "sure": {"type": "boolean"},
    },
    "required": ["queue", "sure"],
}
LADDER = ("small", "medium", "large")


async def route(number):
    answer = None
    for model in LADDER:
        answer = await agent(f"Read ticket {number} and choose its queue.", schema=ROUTE, model=model, label=f"{number}/{model}")
        if answer and answer["sure"]:
            break
    return {"ticket": number, "queue": answer["queue"] if answer else "other"}


async def main(args):
    routed = await parallel([route(number) for number in args["tickets"]])
    routed = [r for r in routed if r is not None]
    return {"routed": routed, "load": dict(Counter(r["queue"] for r in routed))}
