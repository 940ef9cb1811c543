"""Compare the payroll export of each country with the HR system and explain the differences."""

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "properties": {
        "countries": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 25},
        "hr_url": {"type": "string"},
        "hr_api_key": {"type": "string"},
        "month": {"type": "string"},
    },
    "required": ["countries", "hr_url", "hr_api_key", "month"],
}
DIFFERENCES = {
    "type": "object",
    "properties": {
        "count": {"type": "integer", "minimum": 0},
        "lines": {"type": "array", "maxItems": 50, "items": {"type": "string"}},
    },
    "required": ["count", "lines"],
}


def source(url, key):
    return f"The HR system answers at {url}; send the header 'X-Api-Key: {key}' with each request."


async def main(args):
    access = source(args["hr_url"], args["hr_api_key"])
    compare = lambda country: agent(
        f"{access}\nCompare the payroll export of {country} for {args['month']} with it, employee by employee.",
        schema=DIFFERENCES,
        label=f"compare:{country}",
    )
    explain = lambda found, country: (
        agent(f"Explain these differences in the payroll of {country}: {found['lines']}", label=f"explain:{country}")
        if found["count"]
        else "no differences"
    )
    told = await pipeline(args["countries"], compare, explain)
    return {country: text or "lost" for country, text in zip(args["countries"], told)}
