"""What can be said on the poisonous plants of the island? Only what holds goes into the leaflet."""

from weft.primitives import agent, log, parallel, synthesize, verify

PLANTS = {
    "type": "object",
    "properties": {
        "claims": {
            "type": "array",
            "maxItems": 12,
            "items": {
                "type": "object",
                "properties": {"plant": {"type": "string"}, "says": {"type": "string"}},
                "required": ["plant", "says"],
            },
        }
    },
    "required": ["claims"],
}


def split(claims, verdicts):
    held, fallen = [], []
    for claim, verdict in zip(claims, verdicts):
        (held if verdict and verdict["survives"] else fallen).append(claim)
    return held, fallen


async def main(args):
    reply = await agent("State what is known of poisonous plants on the island.", schema=PLANTS)
    claims = reply["claims"] if reply else []
    if not claims:
        return {"leaflet": None}
    verdicts = await parallel([verify(claim, lenses=["botany", "toxicology"], quorum=2) for claim in claims])
    held, fallen = split(claims, verdicts)
    log(f"{len(held)} hold, {len(fallen)} fell")
    lines = [f"{claim['plant']}: {claim['says']}" for claim in claims]
    return {"leaflet": await synthesize(lines, "Write a leaflet for hikers.", fan_in=12)}
