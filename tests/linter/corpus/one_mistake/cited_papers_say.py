"""Do the cited papers say what the manuscript claims they say?"""

from weft.primitives import parallel, verify

ARGS = {
    "type": "object",
    "properties": {"citations": {"type": "array", "items": {"type": "string"}, "maxItems": 25}},
    "required": ["citations"],
}


def examine(citation):
    return verify(
        f"The cited source supports this sentence: {citation}",
        lenses=["open the source and find the passage", "same population and measure", "no stronger than the source"],
        quorum=2,
    )


async def main(args):
    citations = args["citations"]
    outcome = dict(zip(citations, await parallel([examine(c) for c in citations])))
    sound = [c for c in citations if outcome[c]]
    rest = [c for c in citations if c not in sound]
    return {"sound": sound, "to_fix": rest}
