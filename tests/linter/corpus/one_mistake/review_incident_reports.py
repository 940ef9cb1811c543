"""Review the incident reports of a hospital ward, each by two nurses and, where they differ, by a physician."""

from weft.primitives import agent, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"incidents": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 30}},
    "required": ["incidents"],
}
GRADE = {
    "type": "object",
    "properties": {"grade": {"type": "integer", "minimum": 1, "maximum": 5}, "reason": {"type": "string", "maxLength": 300}},
    "required": ["grade", "reason"],
}


def nurses(incident):
    return parallel([agent(f"As nurse number {number}, grade the incident {incident} from 1 to 5.", schema=GRADE, label=f"{incident}:{number}") for number in (1, 2)])


async def settle(incident, grades):
    first, second = grades
    reply = await agent(
        f"Two nurses graded {incident} with {first['grade']} ({first['reason']}) and {second['grade']} ({second['reason']}). Grade it yourself.",
        schema=GRADE,
        label=f"physician:{incident}",
    )
    return {"incident": incident, "grade": reply["grade"] if reply else None, "by": "physician"}


async def main(args):
    phase("Nurses")
    graded = await parallel([nurses(incident) for incident in args["incidents"]])
    agreed, differing, open_ = [], [], []
    for incident, grades in zip(args["incidents"], graded):
        if grades is None or any(grade is None for grade in grades):
            open_.append(incident)
        elif abs(grades[0]["grade"] - grades[1]["grade"]) <= 1:
            agreed.append({"incident": incident, "grade": max(grade["grade"] for grade in grades), "by": "nurses"})
        else:
            differing.append((incident, grades))
    log(f"{len(differing)} incidents differ")
    phase("Physician")
    settled = []
    for incident, grades in differing:
        settled.append(await settle(incident, grades))
    return {"grades": agreed + settled, "open": open_}
