"""Explain odd night-time consumption, one heat meter at a time."""

from weft.primitives import agent, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"meters": {"type": "array", "maxItems": 30, "items": {"type": "string"}}},
    "required": ["meters"],
}
READING = {
    "type": "object",
    "properties": {"night_kwh": {"type": "number"}, "day_kwh": {"type": "number"}},
    "required": ["night_kwh", "day_kwh"],
}


class Survey:
    def __init__(self, meters):
        self.meters = meters

    async def readings(self):
        replies = await parallel(
            [agent(f"Average night and day load of meter {m} last week", schema=READING, label=m) for m in self.meters]
        )
        return dict(zip(self.meters, replies))

    async def explain(self, meter, reading):
        share = reading["night_kwh"] / max(reading["day_kwh"], 0.1)
        text = await agent(f"Meter {meter} uses {share:.0%} of its day load at night. What could be running?")
        return {"meter": meter, "share": share, "why": text}


async def main(args):
    survey = Survey(args["meters"])
    phase("Read")
    by_meter = await survey.readings()
    log(f"{sum(1 for r in by_meter.values() if r)} meters answered")
    phase("Explain")
    jobs = []
    for meter, reading in by_meter.items():
        if reading is None or reading["night_kwh"] < 1:
            continue
        jobs.append(survey.explain(meter, reading))
    return {"meters": [row for row in await parallel(jobs) if row]}
