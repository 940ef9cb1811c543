"""Check the freshness of each partition of a data lake and say which to reload; counts are gathered along the way."""

from collections import Counter
from dataclasses import asdict, dataclass

from weft.primitives import agent, log, phase, pipeline

ARGS = {
    "type": "object",
    "properties": {"partitions": {"type": "array", "items": {"type": "string"}, "maxItems": 120}},
    "required": ["partitions"],
}
STATE = {
    "type": "object",
    "properties": {"state": {"enum": ["fresh", "stale", "missing"]}, "last_row": {"type": "string"}},
    "required": ["state", "last_row"],
}


@dataclass
class Plan:
    partition: str
    state: str
    action: str


async def main(args):
    counts = Counter()

    async def look(partition):
        found = await agent(f"When was the last row of {partition} written, and is it fresh?", schema=STATE, label=partition)
        counts[found["state"] if found else "lost"] += 1
        return found

    async def plan(found, partition):
        if found["state"] == "fresh":
            return Plan(partition, "fresh", "nothing")
        action = await agent(f"How is {partition} reloaded? Its last row is of {found['last_row']}.", label=f"plan:{partition}")
        return Plan(partition, found["state"], action or "no plan: the agent was lost")

    phase("Look and plan")
    plans = await pipeline(args["partitions"], look, plan)
    log(", ".join(f"{state}: {counts[state]}" for state in ["fresh", "stale", "missing", "lost"]))
    return {
        "plans": [asdict(one) for one in plans if one],
        "unplanned": [partition for partition, one in zip(args["partitions"], plans) if one is None],
        "counts": dict(sorted(counts.items())),
    }
