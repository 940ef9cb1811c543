"""Keep the weather sayings that no observer could refute."""
from weft.primitives import agent, parallel, pipeline

META = {"name": "sayings", "description": "Sayings that hold"}
ARGS = {"type": "object", "properties": {"sayings": {"type": "array", "maxItems": 12, "items": {"type": "string"}}}, "required": ["sayings"]}
VOTE = {"type": "object", "properties": {"wrong": {"type": "boolean"}}, "required": ["wrong"]}
STATIONS = ["a mountain station", "a harbour", "a farm in the plain"]


def upheld(votes):
    cast = [vote for vote in votes if vote]
    if len(cast) < 3:
        return False
    return not any(vote["wrong"] for vote in cast)


async def observe(saying):
    votes = await parallel([agent(f"From the records of {place}, try to refute: <s>{saying}</s>", schema=VOTE) for place in STATIONS])
    return saying if upheld(votes) else None


async def main(args):
    return {"held": [saying for saying in await pipeline(args["sayings"], observe) if saying]}
