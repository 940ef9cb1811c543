"""Assign a department to each letter that the town hall receives."""

from weft.primitives import agent, log, parallel, phase

META = {"name": "letters", "description": "Three clerks vote on the department of a letter"}

ARGS = {
    "type": "object",
    "properties": {"letters": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 30}},
    "required": ["letters"],
}

DEPARTMENT = {
    "type": "object",
    "properties": {
        "department": {"enum": ["building", "schools", "taxes", "parks", "registry"]},
        "keyword": {"type": "string"},
    },
    "required": ["department", "keyword"],
}

CLERKS = [
    "what the writer asks for",
    "which law is touched",
    "who answered such letters before",
]


async def main(args):
    phase("Vote")
    calls = []
    for letter in args["letters"]:
        for clerk in CLERKS:
            prompt = f"Open {letter}. Going by {clerk}, which department has to answer it?"
            calls.append(agent(prompt, schema=DEPARTMENT, label=f"{letter}:{clerk}"))
    answers = await parallel(calls)

    phase("Count")
    assigned = {}
    unassigned = []
    width = len(CLERKS)
    for position, letter in enumerate(args["letters"]):
        votes = []
        for answer in answers[position * width : (position + 1) * width]:
            if answer is not None:
                votes.append(answer["department"])
        if not votes:
            unassigned.append(letter)
            continue
        winner = max(set(votes), key=votes.count)
        assigned[letter] = winner
        log(f"{letter}: {winner} with {votes.count(winner)} of {len(votes)}")

    loads = {}
    for letter, department in assigned.items():
        loads.setdefault(department, []).append(letter)
    return {"assigned": assigned, "loads": loads, "unassigned": unassigned}
