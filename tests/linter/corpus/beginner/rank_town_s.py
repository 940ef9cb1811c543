"""Rank the town's playgrounds by the worst defect and write one letter to the council about the three worst."""
from weft.primitives import agent, parallel, phase

META = {"name": "playgrounds", "description": "The three most dangerous playgrounds, in one letter"}
ARGS = {
    "type": "object",
    "properties": {"reports": {"type": "array", "items": {"type": "string"}, "minItems": 3, "maxItems": 40}},
    "required": ["reports"],
}
DANGER = {
    "type": "object",
    "properties": {"danger": {"type": "integer", "minimum": 0, "maximum": 10}, "defect": {"type": "string"}},
    "required": ["danger", "defect"],
}


async def main(args):
    reports = args["reports"]
    phase("Rate")
    jobs = []
    for i in range(len(reports)):
        jobs.append(agent("How dangerous is the worst defect in this report?\n" + reports[i], schema=DANGER, label="rate:" + str(i)))
    ratings = await parallel(jobs)

    rows = []
    lost = 0
    for i in range(len(ratings)):
        if ratings[i] is None:
            lost = lost + 1
        else:
            rows.append((ratings[i]["danger"], i, ratings[i]["defect"]))
    rows.sort(reverse=True)

    phase("Look again")
    again = []
    for row in rows[:3]:
        again.append(agent("Somebody says of this report: '" + row[2] + "'. Does the report bear it out? Refute it if you can.\n" + reports[row[1]], label="check:" + str(row[1])))
    checks = await parallel(again)

    worst = []
    for k in range(len(checks)):
        if checks[k] is not None:
            worst.append({"report": reports[rows[k][1]], "defect": rows[k][2], "check": checks[k]})
    phase("Letter")
    letter = await agent("Write one letter to the council about these playgrounds. Leave out what a check refuted: " + str(worst), label="letter", critical=True)
    return {"letter": letter, "lost": lost}
