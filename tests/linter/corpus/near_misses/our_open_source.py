"""Does our open source inventory respect the licences? Asked of each package, with a second opinion where it matters."""

from weft.primitives import agent, log, parallel, phase, pipeline, verify

ARGS = {
    "type": "object",
    "properties": {"packages": {"type": "array", "items": {"type": "string"}, "maxItems": 70}, "api_token": {"type": "string"}},
    "required": ["packages", "api_token"],
}
LICENCE = {
    "type": "object",
    "properties": {"licence": {"type": "string"}, "copyleft": {"type": "boolean"}, "url": {"type": "string"}},
    "required": ["licence", "copyleft", "url"],
}


async def main(args):
    async def look(package):
        reply = await agent(
            f"Find the licence of {package} in the registry. Sign in with the token {args['api_token']}.",
            schema=LICENCE,
            label=package,
        )
        return {"package": package, **reply} if reply else None

    async def second(row):
        if not row["copyleft"]:
            return {**row, "outcome": "not needed"}
        verdict = await verify(row, lenses=["the licence file says so", "no other licence is offered"], quorum=2)
        return {**row, "outcome": verdict["outcome"]}

    phase("Look")
    rows = await pipeline(args["packages"], look, second)
    copyleft = [row for row in rows if row and row["outcome"] == "survives"]
    log(f"{len(copyleft)} packages are copyleft")
    return {"copyleft": copyleft, "undecided": [row["package"] for row in rows if row and row["outcome"] == "undecided"], "lost": [p for p, row in zip(args["packages"], rows) if row is None]}
