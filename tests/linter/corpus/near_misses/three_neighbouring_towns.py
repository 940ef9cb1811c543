"""Three neighbouring towns, one bus timetable: gather wishes, then ask each town about the proposal."""

from weft.primitives import agent, parallel, phase

TOWNS = ["Bled", "Lesce", "Radovljica"]
WISH = {
    "type": "object",
    "properties": {"line": {"type": "string"}, "minute": {"type": "integer", "minimum": 0, "maximum": 59}},
    "required": ["line", "minute"],
}


async def gather(*questions):
    answers = await parallel(list(questions))
    return [answer for answer in answers if answer is not None]


def asker(town):
    return lambda: agent(f"Which bus line matters most to {town}, and at which minute should it leave?", schema=WISH, timeout=120)


async def main(args):
    phase("Wishes")
    wishes = await gather(*[asker(town) for town in TOWNS])
    if len(wishes) < 2:
        return {"proposal": None, "objections": {}}
    minute = sorted(wish["minute"] for wish in wishes)[len(wishes) // 2]
    lines = ", ".join(wish["line"] for wish in wishes)
    proposal = await agent(f"Propose a timetable for the lines {lines}, leaving at minute {minute}.", critical=True)

    phase("Objections")
    jobs = []
    for town in TOWNS:
        jobs.append(lambda town=town: agent(f"You are {town}'s council. Object to this timetable or say none:\n<table>{proposal}</table>"))
    objections = await parallel(jobs)
    return {"proposal": proposal, "objections": dict(zip(TOWNS, objections))}
