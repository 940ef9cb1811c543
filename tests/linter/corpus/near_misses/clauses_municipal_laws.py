"""Which clauses of the municipal by-laws contradict state law? Every clause is judged once, whatever comes of it."""

from weft.primitives import agent, parallel, phase, pipeline, until_dry, verify

CHAPTERS = ["noise", "parking", "trees"]
CLAUSES = {
    "type": "object",
    "properties": {
        "clauses": {
            "type": "array",
            "maxItems": 4,
            "items": {
                "type": "object",
                "properties": {"number": {"type": "string"}, "says": {"type": "string"}},
                "required": ["number", "says"],
            },
        }
    },
    "required": ["clauses"],
}


async def contradict(clause):
    verdict = await verify(clause, lenses=["the state law rules on it", "it cannot be read in harmony"], quorum=2)
    return {"number": clause["number"], "outcome": verdict["outcome"]}


async def main(args):
    states = {}
    for turn in until_dry(max_rounds=3, patience=1):
        phase(f"Read, turn {turn.number}")
        replies = await parallel(
            [agent(f"Name clauses on {chapter} that may contradict state law, look {turn.number}.", schema=CLAUSES) for chapter in CHAPTERS]
        )
        fresh = []
        for reply in replies:
            for clause in reply["clauses"] if reply else ():
                if clause["number"] in states:
                    continue
                states[clause["number"]] = "open"
                fresh.append(clause)
        turn.found(fresh)
        phase("Judge")
        for judged in await pipeline(fresh[:8], contradict):
            if judged is not None:
                states[judged["number"]] = judged["outcome"]
    return {"contradictions": sorted(n for n, state in states.items() if state == "survives"), "states": states}
