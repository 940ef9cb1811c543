"""Turn last month's laboratory deviations into corrective actions with an owner each."""

from weft.primitives import agent, log, phase, pipeline

ARGS = {
    "type": "object",
    "properties": {"deviations": {"type": "array", "maxItems": 30, "items": {"type": "string"}}},
    "required": ["deviations"],
}
CAUSE = {
    "type": "object",
    "properties": {
        "root": {"type": "string"},
        "process": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "step": {"type": "integer"}},
            "required": ["name", "step"],
        },
        "recurring": {"type": "boolean"},
    },
    "required": ["root", "process", "recurring"],
}
ACTION = {
    "type": "object",
    "properties": {"action": {"type": "string"}, "owner_role": {"type": "string"}, "due_days": {"type": "integer"}},
    "required": ["action", "owner_role", "due_days"],
}


async def read(deviation):
    cause = await agent(f"Read deviation report {deviation} and name its root cause.", schema=CAUSE, label=f"cause:{deviation}")
    return {"deviation": deviation, **cause} if cause else None


def worth_acting(record):
    return record["recurring"] or record["process"]["step"] > 3


async def propose(record):
    action = await agent(
        f"Propose one corrective action for {record['deviation']}: {record['root']} in {record['process']['name']}.",
        schema=ACTION,
        label=f"action:{record['deviation']}",
    )
    return {**record, "action": action} if action else None


def line(record):
    return {
        "deviation": record["deviation"],
        "what": record["action"]["action"],
        "who": record["action"]["owner"],
        "days": record["action"]["due_days"],
    }


async def main(args):
    phase("Causes")
    causes = await pipeline(args["deviations"], read)
    serious = [c for c in causes if c and worth_acting(c)]
    log("causes are known")
    phase("Actions")
    proposed = await pipeline(serious, propose)
    return {"actions": [line(p) for p in proposed if p]}
