"""Classify a season of weather-station anomalies; the stations come as a flat list of ids."""
from collections import Counter
from itertools import islice

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {"stations": {"type": "array", "items": {"type": "string"}, "maxItems": 200}},
    "required": ["stations"],
}
ANOMALY = {
    "type": "object",
    "properties": {"cause": {"enum": ["sensor", "siting", "weather", "transmission"]}, "days": {"type": "integer"}},
    "required": ["cause", "days"],
}
SHARDS = ["coast", "inland", "mountain", "urban"]


def windows(rows, size):
    it = iter(rows)
    while chunk := list(islice(it, size)):
        yield chunk


def shard(station):
    return SHARDS[hash(station) % len(SHARDS)]


async def classify(station):
    reply = await agent(
        f"Station {station}: open its record for this season against the {shard(station)} reference series. What explains the anomaly?",
        schema=ANOMALY,
        label=station,
    )
    return (station, reply)


async def main(args):
    causes, rows = Counter(), []
    for chunk in windows(args["stations"], 16):
        for pair in await parallel([classify(s) for s in chunk]):
            if pair is None or pair[1] is None:
                continue
            station, reply = pair
            causes[reply["cause"]] += 1
            rows.append({"station": station, **reply})
    log(f"{len(rows)} stations classified")
    return {"rows": rows, "causes": dict(causes)}
