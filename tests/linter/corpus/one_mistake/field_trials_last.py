"""What do field trials of the last five years really show about cover crops and nitrate leaching?"""

from weft.primitives import agent, dedup, log, parallel, phase, pipeline, synthesize, verify

ARGS = {
    "type": "object",
    "properties": {"regions": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 6}},
    "required": ["regions"],
}
EVIDENCE = {
    "type": "object",
    "properties": {
        "claims": {"type": "array", "maxItems": 6, "items": {
            "type": "object",
            "properties": {"doi": {"type": "string"}, "crop": {"type": "string"}, "statement": {"type": "string"}},
            "required": ["doi", "crop", "statement"]}},
    },
    "required": ["claims"],
}


async def gather(regions):
    replies = await parallel([
        agent(f"Find field trials on cover crops and nitrate leaching in {region}.", schema=EVIDENCE, label=f"find:{region}")
        for region in regions
    ])
    everything = [claim for reply in replies if reply for claim in reply["claims"]]
    return dedup(everything, key=lambda c: (c["doi"].lower(), c["crop"].lower())), [r for r, x in zip(regions, replies) if not x]


async def test(claim):
    verdict = await verify(claim, votes=3, quorum=2)
    return {"claim": claim, "outcome": verdict["outcome"]}


def cite(claim):
    return f"{claim['crop']}: {claim['statement']} [{claim['doi']}]"


async def main(args):
    phase("Find")
    claims, silent = await gather(args["regions"])
    if not claims:
        return {"review": None, "claims": [], "silent_regions": silent}
    phase("Test")
    tested = [t for t in await pipeline(claims, test) if t]
    held = [t["claim"] for t in tested if t["outcome"] == "survives"]
    log(f"{len(held)} of {len(claims)} claims held")
    phase("Write")
    review = await synthesize(
        [cite(c) for c in claims],
        "Write a review of what the trials show. Cite the DOI behind every sentence.",
        fan_in=9,
    )
    return {"review": review, "held": len(held), "silent_regions": silent}
