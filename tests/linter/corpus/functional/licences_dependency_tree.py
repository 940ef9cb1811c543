"""Which licences does a dependency tree bring in, and do they get along?"""

from weft.primitives import agent, pipeline

META = {"name": "licence-mix", "description": "Licences of a tree and their conflicts"}
ARGS = {
    "type": "object",
    "properties": {"packages": {"type": "array", "items": {"type": "string"}, "maxItems": 60}},
    "required": ["packages"],
}
LICENCE = {
    "type": "object",
    "properties": {"spdx": {"type": "string"}, "where": {"type": "string"}},
    "required": ["spdx", "where"],
}


def licence(package):
    return agent(f"Which SPDX licence does {package} carry, and in which file is it?", schema=LICENCE, label=package)


async def main(args):
    found = await pipeline(args["packages"], licence)
    kinds = {one["spdx"] for one in found if one}
    unknown = [p for p, one in zip(args["packages"], found) if not one]
    if len(kinds) < 2:
        return {"licences": list(kinds), "conflicts": None, "unknown": unknown}
    listed = ", ".join(sorted(kinds))
    conflicts = await agent(f"Do these licences conflict when linked together? {listed}", label="conflicts")
    return {"licences": sorted(kinds), "conflicts": conflicts, "unknown": unknown}
