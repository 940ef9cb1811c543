"""Open at most one ticket per vulnerable package, for the worst advisory that holds."""

from weft.primitives import agent, dedup, log, parallel, phase, pipeline, verify

META = {"name": "one-ticket-each", "description": "One ticket per package with its worst advisory"}

ARGS = {
    "type": "object",
    "properties": {"manifests": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 10}},
    "required": ["manifests"],
}

ADVISORIES = {
    "type": "object",
    "properties": {
        "advisories": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {
                    "package": {"type": "string"},
                    "cve": {"type": "string"},
                    "cvss": {"type": "number", "minimum": 0, "maximum": 10},
                },
                "required": ["package", "cve", "cvss"],
            },
        }
    },
    "required": ["advisories"],
}

TICKET = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "body": {"type": "string"}},
    "required": ["title", "body"],
}


async def holds(advisory):
    verdict = await verify(advisory, lenses=["the version is affected", "the code path is reachable"], quorum=2)
    return advisory if verdict["survives"] else None


async def main(args):
    phase("Read manifests")
    calls = [agent(f"Which advisories concern the locked versions in {m}?", schema=ADVISORIES, label=m) for m in args["manifests"]]
    replies = await parallel(calls)

    told = []
    for reply in replies:
        if reply:
            told.extend(reply["advisories"])
    distinct = dedup(told, key=lambda a: (a["package"], a["cve"]))

    phase("Verify")
    held = [advisory for advisory in await pipeline(distinct, holds) if advisory]

    phase("Tickets")
    held.sort(key=lambda a: (-a["cvss"], a["package"], a["cve"]))
    worst = dedup(held, key=lambda a: a["package"])
    log(f"{len(held)} advisories hold, {len(worst)} packages get a ticket")

    def write(advisory):
        return agent(
            f"Write a ticket to upgrade {advisory['package']} because of {advisory['cve']} (CVSS {advisory['cvss']}).",
            schema=TICKET,
            tools=[],
            label=f"ticket:{advisory['package']}",
        )

    tickets = await pipeline(worst, write)
    rows = [{"advisory": a, "ticket": t} for a, t in zip(worst, tickets)]
    return {"tickets": rows, "others": [a for a in held if a not in worst], "manifests_lost": len(replies.lost)}
