"""Derive property-based tests from the documentation and keep the properties that hold."""

from weft.primitives import agent, parallel, pipeline, semantic_dedup, verify

PROPERTIES = {
    "type": "object",
    "properties": {"properties": {"type": "array", "maxItems": 9, "items": {"type": "string"}}},
    "required": ["properties"],
}
TESTABLE = {"type": "object", "properties": {"testable": {"type": "boolean"}}, "required": ["testable"]}
CHAPTERS = ["parsing", "serialising", "merging", "diffing"]


def derive(chapter):
    return agent(f"State properties that every input must satisfy according to the chapter on {chapter}.", schema=PROPERTIES)


async def sift(reply, chapter):
    kept = await parallel([agent(f"Can a generator test this ({chapter})? {p}", schema=TESTABLE, effort="low") for p in reply["properties"]])
    return [p for p, k in zip(reply["properties"], kept) if k and k["testable"]]


async def holds(text):
    verdict = await verify(text, lenses=["search a counterexample", "an empty or huge input", "documented exceptions"], quorum=2)
    match verdict["outcome"]:
        case "survives":
            return text
        case _:
            return None


async def main(args):
    sifted = await pipeline(CHAPTERS, derive, sift)
    distinct = await semantic_dedup([p for group in sifted if group for p in group], text=lambda p: p)
    chosen = sorted(distinct, key=len)[:20]
    held = [p for p in await parallel([holds(p) for p in chosen]) if p]
    return {"held": held, "tried": len(chosen), "left": len(distinct) - len(chosen)}
