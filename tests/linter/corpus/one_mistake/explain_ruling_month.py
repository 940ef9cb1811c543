"""Explain every ruling of the month to somebody who never went to law school."""

from weft.primitives import agent, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"rulings": {"type": "array", "items": {"type": "string"}, "maxItems": 40}},
    "required": ["rulings"],
}
RULING = {
    "type": "object",
    "properties": {"holding": {"type": "string"}, "court": {"type": "string"}},
    "required": ["holding", "court"],
}


async def read_all(paths):
    return await parallel([agent(f"Read the ruling {p} and state its holding.", schema=RULING, label=p) for p in paths])


async def main(args):
    phase("Read")
    read = dict(zip(args["rulings"], await read_all(args["rulings"])))
    phase("Explain")
    jobs = {
        path: agent(f"Explain to a lay person what {ruling['court']} meant by: {ruling['holding']}")
        for path, ruling in read.items()
        if ruling
    }
    texts = await parallel(list(jobs.values()))
    return dict(zip(jobs, texts))
