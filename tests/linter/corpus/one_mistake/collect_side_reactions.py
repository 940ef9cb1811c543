"""Collect side reactions of a catalyst from the lab notebooks, in several passes."""

from weft.primitives import agent, log, phase, pipeline, verify

ARGS = {"type": "object", "required": ["catalyst"], "properties": {"catalyst": {"type": "string"}}}
REACTIONS = {
    "type": "object",
    "required": ["reactions"],
    "properties": {
        "reactions": {
            "type": "array",
            "maxItems": 25,
            "items": {
                "type": "object",
                "required": ["educt", "product", "notebook"],
                "properties": {"educt": {"type": "string"}, "product": {"type": "string"}, "notebook": {"type": "string"}},
            },
        }
    },
}


async def vet(reaction):
    verdict = await verify(reaction, lenses=["mass balance", "the notebook page says so", "thermodynamics"])
    return reaction if verdict["survives"] else None


async def main(args):
    accepted = []
    for attempt in range(4):
        phase(f"Pass {attempt + 1}")
        reply = await agent(f"List side reactions of {args['catalyst']} that the notebooks mention.", schema=REACTIONS)
        if reply is None:
            continue
        candidates = []
        for r in reply["reactions"]:
            known = any(r["educt"] == a["educt"] and r["product"] == a["product"] for a in accepted)
            if not known:
                candidates.append(r)
        log(f"{len(candidates)} to vet")
        for r in await pipeline(candidates, vet):
            if r is not None:
                accepted.append(r)
    return {"reactions": accepted}
