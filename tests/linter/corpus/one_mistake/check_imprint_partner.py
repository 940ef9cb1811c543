"""Check the imprint of each partner site, one agent a domain."""

from weft.primitives import agent, dedup, log, pipeline

ARGS = {
    "type": "object",
    "properties": {"links": {"type": "array", "maxItems": 15, "items": {"type": "string"}}},
    "required": ["links"],
}
IMPRINT = {
    "type": "object",
    "properties": {"complete": {"type": "boolean"}, "missing": {"type": "string"}},
    "required": ["complete", "missing"],
}


def domain(link):
    from urllib.parse import urlparse

    host = urlparse(link).netloc
    return host.removeprefix("www.")


async def check_imprint(host):
    answer = await agent(f"Is the imprint of {host} complete under German law?", schema=IMPRINT, label=host)
    if answer is None:
        return None
    return {"host": host, "complete": answer["complete"], "missing": answer["missing"]}


async def main(args):
    hosts = dedup([domain(link) for link in args["links"]], key=lambda host: host)
    log(f"{len(hosts)} domains")
    results = await pipeline(hosts, check_imprint)
    rows = [row for row in results if row]
    return {"ok": [r["host"] for r in rows if r["complete"]], "not_ok": [r for r in rows if not r["complete"]]}
