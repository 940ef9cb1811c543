"""Rumours about a takeover: keep those with a source, merge the ones that mean the same, then let skeptics at them."""

from weft.primitives import agent, parallel, phase, pipeline, semantic_dedup, verify

PAPERS = ["Delo", "FT", "Handelsblatt", "Il Sole"]
RUMOURS = {
    "type": "object",
    "properties": {
        "rumours": {
            "type": "array",
            "maxItems": 6,
            "items": {
                "type": "object",
                "properties": {"text": {"type": "string"}, "url": {"type": "string"}},
                "required": ["text", "url"],
            },
        }
    },
    "required": ["rumours"],
}
SOURCED = {"type": "object", "properties": {"named_source": {"type": "boolean"}}, "required": ["named_source"]}


async def sourced(rumour):
    answer = await agent(f"Does {rumour['url']} name its source for this: {rumour['text']}", schema=SOURCED)
    return rumour if answer and answer["named_source"] else None


async def hold(rumour):
    verdict = await verify({"text": rumour["text"], "url": rumour["url"]})
    return {"rumour": rumour["text"], "outcome": verdict["outcome"]}


async def collect(paper):
    reply = await agent(f"List rumours about the Petrol takeover in {paper}.", schema=RUMOURS, label=paper)
    if reply is None:
        return []
    return [rumour for rumour in await pipeline(reply["rumours"], sourced) if rumour]


async def main(args):
    phase("Collect")
    lists = await parallel([collect(paper) for paper in PAPERS])
    merged = await semantic_dedup([rumour for some in lists for rumour in some or []], text=lambda rumour: rumour["text"])
    phase("Verify")
    judged = [row for row in await pipeline(merged, hold) if row]
    return {"judged": judged, "true": [row["rumour"] for row in judged if row["outcome"] == "survives"]}
