"""Which of the product claims on our packaging can we prove?"""
from weft.primitives import agent, log, parallel, phase, verify

ARGS = {
    "type": "object",
    "properties": {"packages": {"type": "array", "items": {"type": "string"}, "maxItems": 12}},
    "required": ["packages"],
}
CLAIMS = {
    "type": "object",
    "properties": {
        "claims": {"type": "array", "maxItems": 4, "items": {
            "type": "object",
            "properties": {"text": {"type": "string"}, "side": {"enum": ["front", "back", "lid"]}},
            "required": ["text", "side"]}},
    },
    "required": ["claims"],
}
LENSES = ["a study in the file supports it", "the law allows the wording", "a consumer reads it the same way"]


async def read(package):
    reply = await agent(f"List what the packaging {package} claims about the product.", schema=CLAIMS, label=package)
    return [{"package": package, **claim} for claim in (reply or {"claims": []})["claims"]]


async def check_all(claims):
    return await parallel([verify(claim, lenses=LENSES, quorum=2) for claim in claims])


async def main(args):
    phase("Read")
    lists = await parallel([read(p) for p in args["packages"]])
    claims = sorted((c for group in lists if group for c in group), key=lambda c: (c["package"], c["side"], c["text"]))
    log(f"{len(claims)} claims on {len(lists)} packages")

    phase("Check")
    verdicts = await check_all(claims)
    provable = [claim for claim, verdict in zip(claims, verdicts) if verdict]
    doubtful = [claim for claim, verdict in zip(claims, verdicts) if not verdict]
    return {"provable": provable, "doubtful": doubtful}
