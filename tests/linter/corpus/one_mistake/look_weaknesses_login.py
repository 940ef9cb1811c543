"""Look for weaknesses in the login flow, from an insider's and an outsider's side."""

from weft.primitives import Seen, agent, parallel, pipeline, until_dry, verify

WEAKNESS = {
    "type": "object",
    "properties": {
        "endpoint": {"type": "string"},
        "cwe": {"type": "string"},
        "severity": {"type": "number", "minimum": 0, "maximum": 10},
        "steps": {"type": "string"},
    },
    "required": ["endpoint", "cwe", "severity", "steps"],
}
WEAKNESSES = {
    "type": "object",
    "properties": {"weaknesses": {"type": "array", "maxItems": 8, "items": WEAKNESS}},
    "required": ["weaknesses"],
}


def identity(weakness):
    where = weakness["endpoint"].split("?")[0]
    return where, weakness["cwe"], weakness["severity"]


async def replay(weakness):
    verdict = await verify(weakness, lenses=["repeat the steps on staging", "is it documented behaviour"], quorum=2)
    return weakness if verdict["survives"] else None


async def main(args):
    seen, kept = Seen(key=identity), []
    for turn in until_dry(max_rounds=4):
        sides = await parallel(
            [
                agent(f"Turn {turn.number}. As {who}, find weaknesses in the login flow that are not among {len(seen)} known.", schema=WEAKNESSES)
                for who in ("an employee with a laptop", "a stranger with a browser")
            ]
        )
        if not (new := seen.add(w for side in sides if side for w in side["weaknesses"])):
            continue
        turn.found(new)
        kept += [w for w in await pipeline(new, replay) if w]
    return {"weaknesses": kept}
