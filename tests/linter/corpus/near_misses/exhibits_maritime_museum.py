"""Which exhibits of a maritime museum lack a caption that a child understands?"""

from itertools import islice

from weft.primitives import agent, pipeline, verify

ARGS = {
    "type": "object",
    "properties": {"halls": {"type": "array", "items": {"type": "string"}, "minItems": 12, "maxItems": 40}},
    "required": ["halls"],
}
EXHIBITS = {
    "type": "object",
    "properties": {
        "exhibits": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"number": {"type": "integer"}, "caption": {"type": "string"}},
                "required": ["number", "caption"],
            },
        }
    },
    "required": ["exhibits"],
}
HALLS_AT_ONCE = 12


async def too_hard(exhibit):
    verdict = await verify(
        {"claim": "a child of eight does not understand this caption", **exhibit},
        lenses=["words", "length of sentences", "what one must know before"],
    )
    return {**exhibit, "hard": verdict["survives"]}


async def walk(hall):
    reply = await agent(f"List the exhibits in {hall} with their captions.", schema=EXHIBITS, label=hall)
    if reply is None:
        return None
    rated = await pipeline(list(islice(reply["exhibits"], 6)), too_hard)
    return {"hall": hall, "rated": [r for r in rated if r], "unrated": max(0, len(reply["exhibits"]) - 6)}


async def main(args):
    halls = args["halls"][:HALLS_AT_ONCE]
    walked = await pipeline(halls, walk)
    return {"walked": [w for w in walked if w], "left": args["halls"][HALLS_AT_ONCE:]}
