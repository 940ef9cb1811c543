"""Keep looking for phishing domains that imitate our brand until two rounds bring nothing new."""
from weft.primitives import agent, log, parallel, phase

ARGS = {"type": "object", "properties": {"brand": {"type": "string"}}, "required": ["brand"]}
DOMAINS = {
    "type": "object",
    "properties": {"domains": {"type": "array", "maxItems": 10, "items": {"type": "string"}}},
    "required": ["domains"],
}
WHOIS = {
    "type": "object",
    "properties": {"registrar": {"type": "string"}, "live": {"type": "boolean"}},
    "required": ["registrar", "live"],
}
LEGAL = {
    "type": "object",
    "properties": {"procedures": {"type": "array", "maxItems": 4, "items": {"type": "string"}}},
    "required": ["procedures"],
}


async def whois(domain):
    record = await agent(f"Look up the registration of {domain} and whether it serves a page.", schema=WHOIS, label=domain)
    return {"domain": domain, **record} if record else {"domain": domain, "registrar": "unknown", "live": None}


async def main(args):
    brand = args["brand"]
    known, records, dry = {}, [], 0
    procedures = await agent(f"Which takedown procedures exist for look-alikes of {brand}?", schema=LEGAL, label="legal")
    phase("Hunt")
    while dry < 2:
        reply = await agent(f"Search certificate logs for domains that imitate {brand}.", schema=DOMAINS, label="hunt")
        fresh = [d for d in dict.fromkeys((reply or {"domains": []})["domains"]) if d.lower() not in known]
        if not fresh:
            dry += 1
            continue
        dry = 0
        for domain in fresh:
            known[domain.lower()] = True
        records += filter(None, await parallel([whois(domain) for domain in fresh]))
    log(f"{len(known)} look-alikes")
    return {"live": [r for r in records if r["live"]], "all": records}
