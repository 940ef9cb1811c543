"""Postgres 13 to 16: which of our services use something that was removed, and what must each team do?"""

from weft.primitives import agent, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"services": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 25}},
    "required": ["services"],
}
SCAN = {
    "type": "object",
    "properties": {"uses_removed": {"type": "boolean"}, "where": {"type": "string"}},
    "required": ["uses_removed", "where"],
}


async def main(args):
    services = args["services"]
    phase("Scan")
    scans = await parallel(
        [agent(f"Does {s} use SQL or catalog columns that Postgres 16 removed?", schema=SCAN, label=f"scan:{s}") for s in services]
    )
    phase("Notes")
    jobs, owners = [], []
    for i, scan in enumerate(scans):
        if scan is None or not scan["uses_removed"]:
            continue
        owners.append(services[i])
        jobs.append(agent(f"Write the upgrade note for {services[i]}. Affected places: {scan['where']}", label=f"note:{services[i]}"))
    notes = await parallel(jobs)
    return {
        "notes": [{"service": s, "note": n} for s, n in zip(owners, notes) if n],
        "unscanned": [s for s, scan in zip(services, scans) if scan is None],
    }
