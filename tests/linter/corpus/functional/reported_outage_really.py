"""Is each reported outage really one that customers noticed?"""

from weft.primitives import agent, parallel, pipeline

META = {"name": "outage-triage", "description": "Panel votes on reported outages"}
ARGS = {
    "type": "object",
    "properties": {"reports": {"type": "array", "items": {"type": "string"}, "maxItems": 25}},
    "required": ["reports"],
}
BALLOT = {
    "type": "object",
    "properties": {"noticed": {"type": "boolean"}, "evidence": {"type": "string"}},
    "required": ["noticed", "evidence"],
}
DESKS = ("support tickets", "the status page", "latency dashboards")


def ballot(report, desk):
    prompt = f"From {desk} alone: did customers notice this outage? Reject when in doubt.\n{report}"
    return agent(prompt, schema=BALLOT, label=f"{desk}")


async def triage(report):
    ballots = await parallel([ballot(report, desk) for desk in DESKS])
    ayes = sum(1 for b in ballots if b)
    return {"report": report, "noticed": ayes >= 2, "evidence": [b["evidence"] for b in ballots if b]}


async def main(args):
    rows = await pipeline(args["reports"], triage)
    return [r for r in rows if r and r["noticed"]]
