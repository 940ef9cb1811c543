"""Which soil samples of the survey deserve a second laboratory analysis?"""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"sites": {"type": "array", "items": {"type": "string"}, "maxItems": 24}},
    "required": ["sites"],
}
SAMPLES = {
    "type": "object",
    "properties": {
        "samples": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {"sample_id": {"type": "string"}, "lead_ppm": {"type": "number"}},
                "required": ["sample_id", "lead_ppm"],
            },
        }
    },
    "required": ["samples"],
}


async def main(args):
    sheets = await parallel([agent(f"Read the lab sheet of site {s}.", schema=SAMPLES) for s in args["sites"]])
    rows = []
    for sheet in sheets:
        if sheet is not None:
            for smp in sheet["samples"]:
                rows.append((smp["lead_ppm"], smp["sample_id"]))
    rows.sort(reverse=True)
    worst = rows[:15]
    notes = await parallel([agent(f"Draft the re-analysis order for sample {sid} ({ppm} ppm lead).") for ppm, sid in worst])
    orders = []
    for (ppm, sid), note in zip(worst, notes):
        if note is not None:
            orders.append({"sample": sid, "ppm": ppm, "order": note})
    return {"n": len(rows), "orders": orders}
