"""Smart-contract audit: find suspicious functions and try to refute each suspicion."""

from weft.primitives import agent, parallel, pipeline, verify

ARGS = {
    "type": "object",
    "properties": {"contracts": {"type": "array", "items": {"type": "string"}, "maxItems": 8}},
    "required": ["contracts"],
}
SUSPICIONS = {
    "type": "object",
    "properties": {
        "suspicions": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"function": {"type": "string"}, "kind": {"type": "string"}, "impact": {"enum": [1, 2, 3]}},
                "required": ["function", "kind", "impact"],
            },
        }
    },
    "required": ["suspicions"],
}
LENSES = [
    "reentrancy: can the state really change between check and use",
    "arithmetic: do the compiler's checks already stop it",
    "access: who can call this at all",
    "economics: does the attack pay after gas",
]


def scan(contract):
    return agent(f"Read {contract} and list the suspicious functions.", schema=SUSPICIONS)


async def contest(reply, contract):
    gravest = sorted(reply["suspicions"], key=lambda s: -s["impact"])[:6]

    async def upheld(s):
        verdict = await verify(f"{contract}, {s['function']}: {s['kind']}", lenses=LENSES, quorum=3, subject=contract)
        return {**s, "contract": contract} if verdict["survives"] else None

    return [s for s in await parallel([upheld(s) for s in gravest]) if s]


async def main(args):
    groups = await pipeline(args["contracts"], scan, contest)
    return {"upheld": [s for group in groups if group for s in group]}
