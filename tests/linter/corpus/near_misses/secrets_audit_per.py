"""Secrets audit: per team its services, per service its stored credentials, per credential two independent reviewers."""

from weft.primitives import agent, pipeline, verify

ARGS = {
    "type": "object",
    "properties": {"teams": {"type": "array", "items": {"type": "string"}, "maxItems": 6}},
    "required": ["teams"],
}
SERVICES = {
    "type": "object",
    "properties": {"services": {"type": "array", "maxItems": 5, "items": {"type": "string"}}},
    "required": ["services"],
}
ENTRIES = {
    "type": "object",
    "properties": {
        "entries": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"file": {"type": "string"}, "line": {"type": "integer"}, "kind": {"enum": ["token", "password", "key"]}},
                "required": ["file", "line", "kind"],
            },
        }
    },
    "required": ["entries"],
}


async def hold(entry):
    verdict = await verify(entry, lenses=["it is a live credential", "it is not a test fixture"], quorum=2)
    return entry if verdict["survives"] else None


async def scan(service):
    reply = await agent(f"List stored credentials in {service} by file and line; never quote the value.", schema=ENTRIES)
    if reply is None:
        return None
    held = await pipeline(reply["entries"][:4], hold)
    return {"service": service, "entries": [e for e in held if e], "cut": len(reply["entries"]) > 4}


async def audit(team):
    reply = await agent(f"Which services does team {team} own?", schema=SERVICES)
    if reply is None:
        return None
    return {"team": team, "services": [s for s in await pipeline(reply["services"], scan) if s]}


async def main(args):
    audits = await pipeline(args["teams"], audit)
    return {"audits": [a for a in audits if a], "lost": len(audits.lost)}
