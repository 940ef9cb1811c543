"""Fact-check the claims of a campaign leaflet."""

from weft.primitives import agent, parallel, verify

META = {"name": "leaflet", "description": "True and false claims of a leaflet"}
ARGS = {"type": "object", "properties": {"leaflet": {"type": "string"}}, "required": ["leaflet"]}
CLAIMS = {
    "type": "object",
    "properties": {"claims": {"type": "array", "maxItems": 12, "items": {"type": "string"}}},
    "required": ["claims"],
}
LENSES = ["official statistics", "the parliament's record", "independent newspapers"]


def split(pairs, good):
    return [claim for claim, verdict in pairs if verdict["survives"] is good]


async def main(args):
    reply = await agent(f"List the factual claims in {args['leaflet']}.", schema=CLAIMS, critical=True)
    claims = reply["claims"]
    verdicts = await parallel([verify(claim, lenses=LENSES) for claim in claims])
    pairs = [(c, v) for c, v in zip(claims, verdicts) if v]
    return {"true": split(pairs, True), "false": split(pairs, False)}
