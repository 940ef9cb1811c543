"""Summarise court rulings and extract the precedents they cite."""

from weft.primitives import agent, log, parallel, phase

META = {"name": "rulings", "description": "Summaries and precedents of rulings"}

ARGS = {
    "type": "object",
    "properties": {
        "rulings": {"type": "array", "items": {"type": "string"}, "uniqueItems": True, "minItems": 1, "maxItems": 25},
    },
    "required": ["rulings"],
}

PRECEDENTS = {
    "type": "object",
    "properties": {"cited": {"type": "array", "maxItems": 15, "items": {"type": "string"}}},
    "required": ["cited"],
}


async def main(args):
    phase("Summarise")
    summaries = await parallel(
        {r: agent(f"Summarise the ruling {r} in ten sentences.", label=f"sum:{r}") for r in args["rulings"]}.values()
    )
    numbered = {r: s for r, s in zip(args["rulings"], summaries) if s}

    phase("Precedents")
    cited = await parallel(
        [
            agent(f"Which precedents does {r} rest on?\nIts summary: {s}", schema=PRECEDENTS, label=f"cited:{r}")
            for r, s in numbered.items()
        ]
    )
    table = []
    for (ruling, summary), answer in zip(numbered.items(), cited):
        table.append({"ruling": ruling, "summary": summary, "cited": answer["cited"] if answer else None})
    log(f"{len(table)} rulings done")
    return {"table": table}
