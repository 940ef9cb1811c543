"""Fact-check a local history brochure and write it anew from what holds."""

from weft.primitives import agent, log, parallel, synthesize, verify

ARGS = {"type": "object", "properties": {"brochure": {"type": "string"}}, "required": ["brochure"]}
CLAIMS = {
    "type": "object",
    "properties": {
        "claims": {
            "type": "array",
            "maxItems": 12,
            "items": {
                "type": "object",
                "properties": {"title": {"type": "string"}, "text": {"type": "string"}},
                "required": ["title", "text"],
            },
        }
    },
    "required": ["claims"],
}
LENSES = ["dates", "names and places", "can the archive confirm it"]


async def main(args):
    reply = await agent(f"All historical claims in {args['brochure']}", schema=CLAIMS)
    claims = reply["claims"] if reply else []
    verdicts = await parallel([verify(claim["text"], lenses=LENSES, quorum=2) for claim in claims])
    standing = {}
    for claim, verdict in zip(claims, verdicts):
        if verdict is not None and verdict["survives"]:
            standing[claim["title"]] = claim["text"]
    log(f"{len(standing)} of {len(claims)} claims stand")
    texts = [f"{claim['title']}: {claim['text']}" for claim in claims]
    brochure = await synthesize(texts, "Write the brochure anew from these statements.", fan_in=8)
    return {"brochure": brochure, "standing": len(standing)}
