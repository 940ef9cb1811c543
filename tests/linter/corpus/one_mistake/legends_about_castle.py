"""Legends about the castle: which are told in a source before 1700?"""

from itertools import compress

from weft.primitives import agent, log, parallel, verify

ARGS = {"type": "object", "properties": {"castle": {"type": "string"}}, "required": ["castle"]}
LEGENDS = {
    "type": "object",
    "properties": {
        "legends": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {"title": {"type": "string"}, "source": {"type": "string"}},
                "required": ["title", "source"],
            },
        }
    },
    "required": ["legends"],
}


def attack(legend):
    return verify(legend, lenses=["the source is older than 1700", "the source tells this legend"], quorum=2)


async def main(args):
    reply = await agent(f"Collect legends about {args['castle']} with their oldest source.", schema=LEGENDS)
    if reply is None:
        return {"old": []}
    verdicts = await parallel([attack(legend) for legend in reply["legends"]])
    old = list(compress(reply["legends"], verdicts))
    log(f"{len(old)} of {len(verdicts)}")
    return {"old": [legend["title"] for legend in old]}
