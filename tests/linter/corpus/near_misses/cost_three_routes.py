"""Cost of three routes for a heavy transport, with the fees that only some countries take."""

from weft.primitives import agent, log, parallel, phase

ROUTES = {"north": "by Graz", "coast": "by Koper and the sea", "east": "by Zagreb"}
COST = {
    "type": "object",
    "properties": {
        "toll": {"type": "number"},
        "escort": {"type": "number"},
        "ferry": {"type": "number"},
        "permit": {"type": ["number", "null"]},
    },
    "required": ["toll", "permit"],
}


def fill(name, cost):
    row = {"escort": 0} | cost | {"route": name}
    row.setdefault("ferry", 0)
    if "ferry" in cost:
        row["days"] = 2
    else:
        row["days"] = 1
    return row


def total(row):
    permit = row["permit"]
    return row["toll"] + row["escort"] + row["ferry"] + (permit if permit is not None else 100)


async def main(args):
    phase("Ask")
    costs = await parallel([agent(f"What does a 60-ton transport cost {how}?", schema=COST, label=name) for name, how in ROUTES.items()])
    rows = [fill(name, cost) for name, cost in zip(ROUTES, costs) if cost]
    if len(rows) < 2:
        log("not enough to compare")
        return {"route": None, "cost": None, "why": None}
    best, *others = sorted(rows, key=lambda row: (total(row), row["route"]))
    for row in others:
        row["more"] = total(row) - total(best)
    phase("Explain")
    why = await agent(
        f"Explain to the client why we go {ROUTES[best['route']]} in {best['days']} days for {total(best)} euros; "
        f"the next would cost {others[0]['more']} more."
    )
    return {"route": best["route"], "cost": total(best), "why": why}
