"""Build the release page: compatibility matrix, list of contributors, and a headline that uses both."""

from weft.primitives import agent, log

ARGS = {"type": "object", "properties": {"tag": {"type": "string"}}, "required": ["tag"]}

MATRIX = {
    "type": "object",
    "properties": {"node": {"type": "string"}, "deno": {"type": "string"}, "bun": {"type": "string"}},
    "required": ["node", "deno", "bun"],
}
PEOPLE = {
    "type": "object",
    "properties": {"handles": {"type": "array", "maxItems": 60, "items": {"type": "string"}}},
    "required": ["handles"],
}


async def fetchMatrix(tag):
    return await agent(f"Which runtime versions does CI test for {tag}?", schema=MATRIX)


async def fetchPeople(tag):
    return await agent(f"Who committed between the tag before {tag} and {tag}?", schema=PEOPLE)


async def main(args):
    tag = args["tag"]
    matrix = await fetchMatrix(tag)
    log("matrix done")
    people = await fetchPeople(tag)
    handles = people["handles"] if people else []
    runtimes = f"node {matrix['node']}, deno {matrix['deno']}, bun {matrix['bun']}" if matrix else "see CI"
    headline = await agent(f"One headline for release {tag}: {len(handles)} contributors, runs on {runtimes}.")
    return {"headline": headline, "runtimes": runtimes, "people": handles}
