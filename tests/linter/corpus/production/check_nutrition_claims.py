"""Check the nutrition claims on food packaging."""

from weft.primitives import agent, log, phase, pipeline, verify

META = {"name": "packaging", "description": "Check nutrition claims with skeptics"}

ARGS = {
    "type": "object",
    "properties": {
        "products": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 20},
    },
    "required": ["products"],
}

CLAIM = {
    "type": "object",
    "properties": {
        "claim": {"type": "string"},
        "source": {"type": "string"},
    },
    "required": ["claim", "source"],
}


async def read(product):
    """Read the main claim from the packaging."""
    return await agent(f"Which nutrition claim is printed largest on {product}?", schema=CLAIM, label=f"read:{product}")


async def check(claim, product):
    """Independent skeptics vote on the claim."""
    verdict = await verify(
        claim,
        lenses=["is the claim correct", "is the claim correct", "is the claim correct"],
        quorum=2,
    )
    return {"product": product, "claim": claim["claim"], "outcome": verdict["outcome"]}


async def main(args):
    phase("Check packaging")
    rows = [row for row in await pipeline(args["products"], read, check) if row]
    survived = [row for row in rows if row["outcome"] == "survives"]
    log(f"{len(survived)} of {len(rows)} claims survived")
    return {"rows": rows, "survived": len(survived)}
