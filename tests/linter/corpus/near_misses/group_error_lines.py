"""Group the error lines of many services by cause; the groups are compared across services."""

from itertools import groupby

from weft.primitives import agent, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"services": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 30}},
    "required": ["services"],
}
KINDS = ["timeout", "auth", "disk", "dependency"]
ERRORS = {
    "type": "object",
    "properties": {
        "errors": {
            "type": "array",
            "maxItems": 12,
            "items": {
                "type": "object",
                "properties": {"kind": {"enum": KINDS}, "line": {"type": "string", "maxLength": 200}},
                "required": ["kind", "line"],
            },
        }
    },
    "required": ["errors"],
}


async def explain(kind, rows):
    shown = "\n".join(f"{row['service']}: {row['line']}" for row in rows[:40])
    cause = await agent(f"What common cause do these {kind} errors have?\n{shown}", tools=[], label=f"cause:{kind}")
    return {"kind": kind, "errors": len(rows), "cause": cause or "not explained"}


async def main(args):
    phase("Collect")
    replies = await parallel([agent(f"List the errors in the log of {service}.", schema=ERRORS, label=service) for service in args["services"]])
    silent = [service for service, reply in zip(args["services"], replies) if reply is None]
    rows = sorted(
        ({"service": service, **error} for service, reply in zip(args["services"], replies) if reply for error in reply["errors"]),
        key=lambda row: (row["kind"], row["service"]),
    )
    groups = {kind: list(members) for kind, members in groupby(rows, key=lambda row: row["kind"])}
    log(f"{len(rows)} errors in {len(groups)} groups, {len(silent)} services silent")
    phase("Explain")
    causes = await parallel([explain(kind, groups[kind]) for kind in KINDS if kind in groups])
    return {"causes": [cause for cause in causes if cause], "silent": silent}
