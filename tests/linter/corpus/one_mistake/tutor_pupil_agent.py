"""Which tutor for which pupil? One agent reads each application."""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"pupils": {"type": "array", "items": {"type": "string"}, "maxItems": 45}},
    "required": ["pupils"],
}
NEED = {
    "type": "object",
    "properties": {"subject": {"enum": ["maths", "french", "physics"]}, "hours": {"type": "integer"}},
    "required": ["subject", "hours"],
}
TUTORS = {"maths": "Aino", "french": "Beatrix", "physics": "Cem"}


def compact(values):
    return list(filter(None, values))


async def main(args):
    pupils = args["pupils"]
    needs = compact(await parallel([agent(f"What does {pupil} need help with?", schema=NEED) for pupil in pupils]))
    plan = {name: [] for name in TUTORS.values()}
    for index, need in enumerate(needs):
        plan[TUTORS[need["subject"]]].append({"pupil": pupils[index], "hours": need["hours"]})
    return plan
