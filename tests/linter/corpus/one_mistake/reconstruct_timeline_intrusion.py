"""Reconstruct the timeline of one intrusion from the collected logs."""

from weft.primitives import agent, log, parallel, synthesize

ARGS = {
    "type": "object",
    "properties": {"case": {"type": "string"}},
    "required": ["case"],
}
SOURCE = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "task": {"type": "string"}},
    "required": ["name", "task"],
}
PLAN = {
    "type": "object",
    "properties": {"sources": {"type": "array", "maxItems": 6, "items": SOURCE}, "window": {"type": "string"}},
    "required": ["sources", "window"],
}


async def main(args):
    case = args["case"]
    if (plan := await agent(f"Which log sources matter for case {case}, for which hours, and what must a reader of each look for?", schema=PLAN)) is None:
        log("no plan came back, going on with what there is")
    window = plan["window"]
    extracts = await parallel(
        [agent(s["task"], label=s["name"], context={"case": case, "window": window}) for s in plan["sources"]]
    )
    lines = [e for e in extracts if e]
    if not lines:
        return {"case": case, "timeline": None}
    story = await synthesize(lines, "Merge into one timeline; keep the timestamps and name the source of each line.")
    return {"case": case, "timeline": story, "missing": len(extracts) - len(lines)}
