"""Hunt for broken promises in a product's change notes until two rounds bring nothing new."""

from weft.primitives import Seen, agent, parallel, phase, pipeline, synthesize, until_dry, verify

ANGLES = ["deprecations", "performance numbers", "compatibility", "security"]
NOTES = {
    "type": "object",
    "properties": {
        "claims": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "properties": {"file": {"type": "string"}, "line": {"type": "integer"}, "claim": {"type": "string"}},
                "required": ["file", "line", "claim"],
            },
        }
    },
    "required": ["claims"],
}


async def hold(claim):
    verdict = await verify(claim, lenses=["it stands there", "the code breaks it", "no later note takes it back"], quorum=3)
    if verdict["survives"]:
        return f"{claim['file']}:{claim['line']} {claim['claim']}"
    return None


async def main(args):
    seen = Seen(key=lambda claim: (claim["file"], claim["line"]))
    kept = []
    for round in until_dry(max_rounds=4, patience=2):
        phase(f"Round {round.number}")
        replies = await parallel(
            [agent(f"Find broken promises about {angle} in CHANGES. Round {round.number}.", schema=NOTES) for angle in ANGLES]
        )
        claims = [claim for reply in replies if reply for claim in reply["claims"]]
        claims = seen.add(claims)
        round.found(claims)
        kept += [line for line in await pipeline(claims[:10], hold) if line]
    if not kept:
        return {"report": None, "kept": 0, "seen": len(seen)}
    report = await synthesize(kept, "Write the list of broken promises, by file.", fan_in=8)
    return {"report": report, "kept": len(kept), "seen": len(seen)}
