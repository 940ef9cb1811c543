"""Which CVEs of the last advisory affect the services we run?"""

from weft.primitives import agent, log, parallel, phase, pipeline, verify

ARGS = {
    "type": "object",
    "properties": {"advisory": {"type": "string"}, "services": {"type": "array", "items": {"type": "string"}, "maxItems": 10}},
    "required": ["advisory", "services"],
}
CVES = {
    "type": "object",
    "properties": {
        "cves": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"id": {"type": "string"}, "component": {"type": "string"}},
                "required": ["id", "component"],
            },
        }
    },
    "required": ["cves"],
}
HIT = {
    "type": "object",
    "properties": {"affected": {"type": "boolean"}, "why": {"type": "string", "maxLength": 300}},
    "required": ["affected", "why"],
}


async def main(args):
    phase("List")
    listed = await agent(f"List all CVEs in {args['advisory']}.", schema=CVES, label="list", critical=True)

    async def match(cve):
        hits = await parallel(
            [agent(f"Does {cve['id']} in {cve['component']} affect {service}?", schema=HIT, label=f"{cve['id']}:{service}") for service in args["services"]]
        )
        return [
            {"cve": cve["id"], "service": service, "why": hit["why"]}
            for service, hit in zip(args["services"], hits)
            if hit and hit["affected"]
        ]

    async def check(rows):
        kept = []
        for row, verdict in zip(rows, await parallel([verify(row, votes=3) for row in rows])):
            if verdict and verdict["survives"]:
                kept.append(row)
        return kept

    phase("Match")
    results = await pipeline(listed["cves"], match, check)
    log(f"{len(results)} CVEs looked at")
    return {"affected": [row for rows in results if rows for row in rows]}
