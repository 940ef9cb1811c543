"""Which of our public API endpoints lack rate limits? At most thirty of them are looked at."""

from weft.primitives import agent, log, phase, pipeline, verify

ARGS = {"type": "object", "properties": {"router": {"type": "string"}}, "required": ["router"]}
ENDPOINTS = {
    "type": "object",
    "properties": {
        "endpoints": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"method": {"type": "string"}, "path": {"type": "string"}, "file": {"type": "string"}},
                "required": ["method", "path", "file"],
            },
        }
    },
    "required": ["endpoints"],
}
LIMIT = {
    "type": "object",
    "properties": {"limited": {"type": "boolean"}, "evidence": {"type": "string", "maxLength": 400}},
    "required": ["limited", "evidence"],
}
MOST = 30


async def inspect(endpoint):
    found = await agent(f"Is {endpoint['method']} {endpoint['path']} in {endpoint['file']} rate limited?", schema=LIMIT, label=endpoint["path"])
    if found is None or found["limited"]:
        return None
    return {**endpoint, "evidence": found["evidence"]}


async def confirm(hole):
    verdict = await verify(hole, lenses=["no middleware limits it", "no gateway limits it", "it is public"], quorum=2)
    return hole if verdict["survives"] else None


async def main(args):
    phase("List")
    listing = await agent(f"List the public endpoints in {args['router']}.", schema=ENDPOINTS, label="list")
    if listing is None:
        return {"holes": [], "note": "the router could not be read"}
    chosen = listing["endpoints"][:MOST]
    left = len(listing["endpoints"]) - len(chosen)
    if left:
        log(f"{left} endpoints are not looked at")
    phase("Inspect")
    holes = await pipeline(chosen, inspect, confirm)
    return {"holes": [hole for hole in holes if hole], "not_looked_at": left}
