"""Follow the references in a patent back to where the idea came from."""
from weft.primitives import agent, log, parallel, phase, verify

META = {"name": "patent-roots", "description": "Where the idea of a patent came from"}
ARGS = {
    "type": "object",
    "properties": {"patent": {"type": "string"}, "idea": {"type": "string"}},
    "required": ["patent", "idea"],
}
NODE = {
    "type": "object",
    "properties": {
        "has_idea": {"type": "boolean"},
        "year": {"type": "integer"},
        "sentence": {"type": "string"},
        "references": {"type": "array", "maxItems": 8, "items": {"type": "string"}},
    },
    "required": ["has_idea", "year", "sentence", "references"],
}


async def main(args):
    phase("Follow")
    queue = [args["patent"]]
    carriers = []
    dead_ends = []
    lost = []
    steps = 0
    while queue:
        number = queue.pop(0)
        steps += 1
        node = await agent(f"Open patent {number}. Does it hold this idea: {args['idea']}? Which earlier patents does it cite for it?", schema=NODE, label=f"open:{number}")
        if node is None:
            lost.append(number)
            queue.append(number)
            continue
        if not node["has_idea"]:
            dead_ends.append(number)
            continue
        carriers.append({"number": number, "year": node["year"], "sentence": node["sentence"]})
        for reference in node["references"]:
            queue.append(reference)
        if steps % 10 == 0:
            log(f"{steps} patents opened, {len(queue)} wait")

    phase("Sort")
    by_year = {}
    for carrier in carriers:
        by_year.setdefault(carrier["year"], []).append(carrier)
    years = sorted(by_year)
    oldest = by_year[years[0]] if years else []

    phase("Doubt")
    verdicts = await parallel([verify(c, lenses=["the sentence stands there", "the sentence says the idea"], quorum=2) for c in oldest[:4]])
    roots = []
    for carrier, verdict in zip(oldest[:4], verdicts):
        if verdict is not None and verdict["survives"]:
            roots.append(carrier)

    phase("Tell")
    if not roots:
        return {"roots": [], "story": "", "lost": lost, "dead_ends": len(dead_ends)}
    story = await agent(f"Tell in ten sentences how '{args['idea']}' came into patent {args['patent']}, from {roots}", label="story")
    return {"roots": roots, "story": story or "", "lost": lost, "dead_ends": len(dead_ends)}
