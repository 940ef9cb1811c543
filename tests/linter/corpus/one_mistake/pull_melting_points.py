"""Pull the melting points out of scanned dissertations."""

from weft.primitives import agent, log, parallel, phase, pipeline

ARGS = {
    "type": "object",
    "required": ["theses"],
    "properties": {"theses": {"type": "array", "items": {"type": "string"}, "maxItems": 15}},
}
TABLES = {
    "type": "object",
    "required": ["tables"],
    "properties": {
        "tables": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["page", "caption"],
                "properties": {"page": {"type": "integer"}, "caption": {"type": "string"}},
            },
        }
    },
}
POINTS = {
    "type": "object",
    "required": ["points"],
    "properties": {
        "points": {
            "type": "array",
            "maxItems": 50,
            "items": {
                "type": "object",
                "required": ["compound", "celsius"],
                "properties": {"compound": {"type": "string"}, "celsius": {"type": "number"}},
            },
        }
    },
}


async def locate(thesis):
    return await agent(f"List the tables in {thesis} that hold melting points.", schema=TABLES)


async def transcribe(found, thesis):
    jobs = []
    for table in found["tables"]:
        jobs.append(agent(f"Transcribe page {table['page']} of {thesis}.", schema=POINTS, label=f"{thesis}:{table['page']}"))
    sheets = await parallel(jobs)
    points = []
    for sheet in sheets:
        if sheet:
            points.extend(sheet["points"])
    return points


async def main(args):
    phase("Transcribe")
    per_thesis = await pipeline(args["theses"], locate, transcribe)
    values = {}
    for thesis, points in zip(args["theses"], per_thesis):
        if points is None:
            log(f"{thesis} was lost")
            continue
        for p in points:
            values.setdefault(p["compound"], []).append(p["celsius"])
    return {name: sorted(v) for name, v in sorted(values.items())}
