"""Which of our mail hosts still accept old TLS versions?"""

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {
        "hosts": {"type": "array", "maxItems": 12, "items": {"type": "string"}},
        "skip": {"type": "array", "items": {"type": "string"}, "default": []},
    },
    "required": ["hosts"],
}
TLS = {
    "type": "object",
    "properties": {"versions": {"type": "array", "maxItems": 6, "items": {"type": "string"}}},
    "required": ["versions"],
}


async def probe(host):
    return await agent(f"Which TLS versions does {host} offer on port 465?", schema=TLS, label=host)


async def main(args):
    probes = {}
    for host in args["hosts"]:
        if host in args["skip"]:
            continue
        probes[host] = await probe(host)
    log(f"probing {len(probes)} hosts")
    answers = await parallel(list(probes.values()))
    old = []
    for host, answer in zip(probes, answers):
        if answer and "TLSv1.0" in answer["versions"]:
            old.append(host)
    return {"old": old}
