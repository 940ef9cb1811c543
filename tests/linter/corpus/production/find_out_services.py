"""Find out which services of a company still talk to the old billing system."""

from weft.primitives import agent, log, parallel, phase, pipeline

META = {"name": "old-billing", "description": "Discover services and look into each"}

ARGS = {
    "type": "object",
    "properties": {"catalogue": {"type": "string"}},
    "required": ["catalogue"],
}

SERVICES = {
    "type": "object",
    "properties": {"services": {"type": "array", "items": {"type": "string"}}},
    "required": ["services"],
}

USES = {
    "type": "object",
    "properties": {
        "endpoints": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["endpoints"],
}

TRACE = {
    "type": "object",
    "properties": {"calls_per_day": {"type": "integer"}, "owner": {"type": "string"}},
    "required": ["calls_per_day", "owner"],
}


async def endpoints(service):
    """List the endpoints of the old billing system that one service uses."""
    return await agent(f"Which endpoints of the old billing system does {service} call?", schema=USES, label=f"uses:{service}")


async def trace(uses, service):
    """Trace every endpoint."""
    traces = await parallel(
        [agent(f"How often does {service} call {e} and who owns it?", schema=TRACE, label=f"trace:{e}") for e in uses["endpoints"]]
    )
    return {"service": service, "traces": [t for t in traces if t]}


async def main(args):
    phase("Discover")
    found = await agent(f"List all services in {args['catalogue']}.", schema=SERVICES, label="discover")
    if not found:
        return {"services": []}
    phase("Trace")
    rows = await pipeline(found["services"], endpoints, trace)
    log(f"{len(rows)} services traced")
    return {"services": [row for row in rows if row]}
