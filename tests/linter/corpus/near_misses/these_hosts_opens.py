"""Which of these hosts opens far more outbound connections than its peers, and why?"""

from statistics import median

from weft.primitives import agent, parallel, pipeline

ARGS = {
    "type": "object",
    "properties": {"hosts": {"type": "array", "items": {"type": "string"}, "minItems": 3, "maxItems": 24}},
    "required": ["hosts"],
}
FLOW = {
    "type": "object",
    "properties": {"host": {"type": "string"}, "peers": {"type": "integer"}, "top_port": {"type": "integer"}},
    "required": ["host", "peers", "top_port"],
}


async def main(args):
    flows = await parallel(
        [agent(f"Count distinct outbound peers in the flow log of {h} for the last day.", schema=FLOW) for h in args["hosts"]]
    )
    known = [f for f in flows if f]
    middle = median([f["peers"] for f in known]) if known else 0

    def explain(flow):
        times = flow["peers"] / max(middle, 1)
        return agent(
            f"Host {flow['host']} talks to {flow['peers']} peers, {times:.1f} times the fleet's median of {middle}; "
            f"its busiest port is {flow['top_port']}. Is there an ordinary reason in its role description?"
        )

    reasons = await pipeline(known, explain)
    return {"median": middle, "hosts": [{"host": f["host"], "why": r} for f, r in zip(known, reasons)]}
