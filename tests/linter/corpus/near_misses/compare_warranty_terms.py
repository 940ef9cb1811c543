"""Compare the warranty terms of nine dishwashers, each read twice, and list where the readings differ."""

from functools import partial

from weft.primitives import agent, log, parallel

MODELS = ["A10", "A12", "B7", "B9", "C3", "C4", "D1", "D2", "E5"]

TERMS = {
    "type": "object",
    "properties": {"months": {"type": "integer"}, "parts_only": {"type": "boolean"}},
    "required": ["months", "parts_only"],
}


async def read(model, source):
    terms = await agent(f"Read the warranty of dishwasher {model} in the {source}.", schema=TERMS, label=f"{model} {source}")
    if terms is None:
        log(f"no terms for {model} in the {source}")
        return None
    return terms["months"], terms["parts_only"]


async def both(model):
    manual, shop = await parallel([partial(read, model, "manual"), partial(read, model, "shop page")])
    if manual is None or shop is None:
        return {"model": model, "state": "unknown"}
    return {"model": model, "state": "same" if manual == shop else "differs", "manual": manual, "shop": shop}


async def main(args):
    jobs = []
    for model in MODELS:
        jobs.append(both(model))
    rows = await parallel(jobs)
    return {"differs": [row for row in rows if row and row["state"] == "differs"], "rows": rows}
