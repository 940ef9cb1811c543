"""Turn the changelogs of our npm packages into migration snippets for the customers who still run the old major."""

from weft.primitives import agent, log, parallel, phase

META = {"name": "migration-snippets", "description": "changelog to migration snippet, per package"}

ARGS = {
    "type": "object",
    "properties": {"packages": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 30}},
    "required": ["packages"],
}

BREAKING = {
    "type": "object",
    "properties": {
        "package": {"type": "string"},
        "removedApi": {"type": "string"},
        "replacement": {"type": "string"},
    },
    "required": ["package", "removedApi", "replacement"],
}


async def main(args):
    packages = args["packages"]
    phase("read changelogs")
    settled = await parallel(
        [agent(f"Open the CHANGELOG of {name} and name the most painful removed API.", schema=BREAKING) for name in packages]
    )
    jobs = []
    for i in range(len(packages)):
        entry = settled[i]
        if entry is None:
            log(f"{packages[i]}: changelog not readable")
            continue
        jobs.append(
            agent(f"Write a ten line snippet that moves {packages[i]} users from {entry['removedApi']} to {entry['replacement']}.")
        )
    log(f"{len(jobs)} snippets to write")
    phase("write snippets")
    snippets = await parallel(jobs)
    return {"snippets": [s for s in snippets if s]}
