"""Split the hours of the annual stock count over our warehouses by what each of them really holds."""

from weft.primitives import agent, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {
        "warehouses": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 14},
        "hours": {"type": "integer", "minimum": 10, "maximum": 4000},
    },
    "required": ["warehouses", "hours"],
}
HOLDING = {
    "type": "object",
    "properties": {
        "pallets": {"type": "integer", "minimum": 0},
        "fragile": {"type": "integer", "minimum": 0},
        "aisles": {"type": "array", "maxItems": 12, "items": {"type": "string"}},
    },
    "required": ["pallets", "fragile", "aisles"],
}
ROSTER = {
    "type": "object",
    "properties": {
        "shifts": {"type": "array", "maxItems": 10, "items": {
            "type": "object",
            "properties": {"day": {"type": "string"}, "people": {"type": "integer"}},
            "required": ["day", "people"]}},
    },
    "required": ["shifts"],
}


def weight(holding):
    return holding["pallets"] + 2 * holding["fragile"]


async def measure(warehouse):
    return await agent(
        f"Open the stock report of warehouse {warehouse} and give pallets, fragile pallets and the aisles in use.",
        schema=HOLDING,
        label=f"measure:{warehouse}",
    )


async def main(args):
    phase("Measure")
    holdings = await parallel([measure(w) for w in args["warehouses"]])
    known = [(w, h) for w, h in zip(args["warehouses"], holdings) if h]
    unknown = [w for w, h in zip(args["warehouses"], holdings) if not h]
    whole = sum(weight(h) for _, h in known) or 1
    log(f"{len(known)} of {len(holdings)} warehouses measured")

    phase("Roster")
    rosters = await parallel([
        agent(
            f"Plan a count in {w} with {round(args['hours'] * weight(h) / whole, 1)} hours in all; aisles: {', '.join(h['aisles'])}.",
            schema=ROSTER,
            label=f"roster:{w}",
        )
        for w, h in known
    ])
    return {
        "rosters": [{"warehouse": w, "shifts": r["shifts"]} for (w, _), r in zip(known, rosters) if r],
        "no_roster": [w for (w, _), r in zip(known, rosters) if r is None],
        "not_measured": unknown,
    }
