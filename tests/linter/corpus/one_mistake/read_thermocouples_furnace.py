"""Read the thermocouples of furnace runs and say which run was hottest."""

from weft.primitives import agent, log, parallel, phase

ARGS = {
    "type": "object",
    "required": ["runs"],
    "properties": {"runs": {"type": "array", "items": {"type": "string"}, "maxItems": 36}},
}
READING = {
    "type": "object",
    "required": ["peak", "minutes_above"],
    "properties": {"peak": {"type": "integer"}, "minutes_above": {"type": "integer"}},
}
ADVICE = {"type": "object", "required": ["action"], "properties": {"action": {"enum": ["keep", "recalibrate"]}}}


async def main(args):
    phase("Read")
    readings = await parallel([agent(f"Read the thermocouple log of furnace run {r}.", schema=READING) for r in args["runs"]])
    valid = []
    for reading in readings:
        if reading is not None:
            valid.append(reading)
    peaks = {}
    for k in range(len(valid)):
        peaks[args["runs"][k]] = valid[k]["peak"]
    if not peaks:
        return {"peaks": {}, "hottest": None}
    hottest = max(sorted(peaks), key=lambda name: peaks[name])
    phase("Advise")
    advice = await agent(f"Run {hottest} peaked at {peaks[hottest]} degrees. Should its sensor stay?", schema=ADVICE)
    log(f"hottest was {hottest}")
    return {"peaks": peaks, "hottest": hottest}
