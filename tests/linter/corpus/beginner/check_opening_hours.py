"""Check the opening hours that a travel guide prints against three sources and correct the wrong ones."""
from weft.primitives import agent, parallel, phase, verify

META = {"name": "opening-hours", "description": "Opening hours in a travel guide, checked"}
ARGS = {
    "type": "object",
    "properties": {
        "places": {
            "type": "array",
            "maxItems": 20,
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "hours": {"type": "string"}},
                "required": ["name", "hours"],
            },
        }
    },
    "required": ["places"],
}


async def main(args):
    phase("Check")
    places = args["places"]
    checks = []
    for i in range(len(places)):
        claim = places[i]["name"] + " is open " + places[i]["hours"]
        checks.append(verify(claim, lenses=["its own site", "the tourist office", "recent visitors"], quorum=2))
    verdicts = await parallel(checks)

    right = []
    wrong = []
    unknown = []
    for i in range(len(verdicts)):
        if verdicts[i] is None:
            unknown.append(places[i]["name"])
        elif verdicts[i]["survives"]:
            right.append(places[i]["name"])
        elif verdicts[i]["outcome"] == "undecided":
            unknown.append(places[i]["name"])
        else:
            wrong.append(places[i])

    phase("Correct")
    jobs = []
    for place in wrong:
        jobs.append(agent("The guide says that " + place["name"] + " is open " + place["hours"] + ", which is wrong. What is right?", label="correct:" + place["name"]))
    fixes = await parallel(jobs)
    corrected = {}
    for i in range(len(wrong)):
        if fixes[i] is not None:
            corrected[wrong[i]["name"]] = fixes[i]
        else:
            unknown.append(wrong[i]["name"])
    return {"right": right, "corrected": corrected, "unknown": unknown}
