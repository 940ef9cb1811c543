"""Summarise the advisories of the past year for the packages in our lock file, for the security newsletter."""

from weft.primitives import agent, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"packages": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 50}},
    "required": ["packages"],
}
ADVISORIES = {
    "type": "object",
    "properties": {
        "package": {"type": "string"},
        "advisories": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {"id": {"type": "string"}, "fixed_in": {"type": "string"}, "summary": {"type": "string", "maxLength": 300}},
                "required": ["id", "fixed_in", "summary"],
            },
        },
    },
    "required": ["package", "advisories"],
    "additionalProperties": False,
}


async def main(args):
    phase("Collect")
    replies = await parallel(
        [agent(f"Which entries of advisories/ of the past year concern the package {p}?", schema=ADVISORIES, label=p) for p in args["packages"]]
    )
    by_package = {p: (reply or {}).get("items", []) for p, reply in zip(args["packages"], replies)}
    unknown = [p for p, reply in zip(args["packages"], replies) if not reply]
    count = sum(map(len, by_package.values()))
    log(f"{count} advisories for {len(by_package)} packages")
    if not count:
        return {"newsletter": "Nothing this year.", "unknown": unknown}

    phase("Write")
    lines = [f"{p} {a['id']} (fixed in {a['fixed_in']}): {a['summary']}" for p, found in by_package.items() for a in found]
    text = await agent("Write the newsletter section from these advisories only:\n" + "\n".join(lines), tools=[], critical=True, label="write")
    return {"newsletter": text, "unknown": unknown}
