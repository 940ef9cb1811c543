"""Gate a data migration: go only when every table was compared."""

from weft.primitives import AgentFailed, agent, ask, log, parallel, phase

META = {"name": "migration-gate", "description": "Compare tables before switching over"}

ARGS = {
    "type": "object",
    "properties": {"tables": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 30}},
    "required": ["tables"],
}

COMPARED = {
    "type": "object",
    "properties": {
        "same": {"type": "boolean"},
        "difference": {"type": "string"},
    },
    "required": ["same", "difference"],
}


async def compare(table):
    try:
        answer = await agent(
            f"Compare the row counts and checksums of {table} in the reports of both systems.",
            schema=COMPARED,
            label=f"compare:{table}",
            critical=True,
        )
    except AgentFailed as failure:
        return {"table": table, "state": "unknown", "why": str(failure)}
    state = "same" if answer["same"] else "different"
    return {"table": table, "state": state, "why": answer["difference"]}


async def main(args):
    phase("Compare")
    rows = await parallel([compare(table) for table in args["tables"]])

    different = []
    unknown = []
    for table, row in zip(args["tables"], rows):
        if row is None:
            unknown.append({"table": table, "why": "the comparison itself failed"})
        elif row["state"] == "different":
            different.append(row)
        elif row["state"] == "unknown":
            unknown.append(row)
    log(f"{len(different)} differ, {len(unknown)} unknown")

    if different:
        return {"go": False, "different": different, "unknown": unknown}

    go = True
    if unknown:
        phase("Ask")
        names = ", ".join(row["table"] for row in unknown)
        answer = await ask(
            f"These tables could not be compared: {names}. Switch over all the same?",
            choices=["switch", "wait"],
            default="wait",
            timeout=3600,
        )
        go = answer == "switch"
    return {"go": go, "different": [], "unknown": unknown}
