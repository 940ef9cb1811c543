"""Which dashboards show a number that disagrees with the source of truth?"""

from collections import defaultdict

from weft.primitives import agent, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"dashboards": {"type": "array", "items": {"type": "string"}, "maxItems": 25}},
    "required": ["dashboards"],
}
NUMBERS = {
    "type": "object",
    "properties": {
        "numbers": {
            "type": "array",
            "maxItems": 8,
            "items": {
                "type": "object",
                "properties": {"metric": {"type": "string"}, "shown": {"type": "number"}, "query": {"type": "string"}},
                "required": ["metric", "shown", "query"],
            },
        }
    },
    "required": ["numbers"],
}
AGREES = {
    "type": "object",
    "properties": {"agrees": {"type": "boolean"}, "truth": {"type": "number"}},
    "required": ["agrees", "truth"],
}

by_metric = defaultdict(list)
order = []


async def check(dashboard, number):
    truth = await agent(f"Run {number['query']} and say whether it gives {number['shown']}.", schema=AGREES, label=number["metric"])
    if truth is None:
        return
    order.append(f"{dashboard}/{number['metric']}")
    if not truth["agrees"]:
        by_metric[number["metric"]].append({"rank": len(order), "dashboard": dashboard, "shown": number["shown"], "truth": truth["truth"]})


async def main(args):
    phase("Read")
    replies = await parallel([agent(f"List the numbers on {dashboard}.", schema=NUMBERS, label=dashboard) for dashboard in args["dashboards"]])
    pairs = [(dashboard, number) for dashboard, reply in zip(args["dashboards"], replies) if reply for number in reply["numbers"]]
    phase("Check")
    await parallel([check(dashboard, number) for dashboard, number in pairs])
    log(f"{len(order)} numbers checked")
    return {"wrong": dict(by_metric), "first_checked": order[:5]}
