"""Merge a clinic's three allergy lists for one patient, and refuse to when a list is missing."""
from weft.primitives import agent, log, parallel, phase

ARGS = {"type": "object", "properties": {"patient": {"type": "string"}}, "required": ["patient"]}
ALLERGIES = {
    "type": "object",
    "properties": {
        "entries": {"type": "array", "maxItems": 15, "items": {
            "type": "object",
            "properties": {"substance": {"type": "string"}, "reaction": {"type": "string"}, "year": {"type": "integer"}},
            "required": ["substance", "reaction"]}},
    },
    "required": ["entries"],
}
CHECK = {
    "type": "object",
    "properties": {"consistent": {"type": "boolean"}, "question": {"type": "string"}},
    "required": ["consistent", "question"],
}
SYSTEMS = ["admission form", "pharmacy", "general practitioner"]


async def main(args):
    phase("Read")
    lists = await parallel([
        agent(f"List the allergies of patient {args['patient']} in the {system} records.", schema=ALLERGIES, label=system)
        for system in SYSTEMS
    ])
    missing = [s for s, entry in zip(SYSTEMS, lists) if entry is None]
    if missing:
        log(f"no list from {', '.join(missing)}")
        return {"merged": None, "missing": missing}

    form, pharmacy, practitioner = [x for x in lists if x]
    merged = {}
    for source, listing in (("form", form), ("pharmacy", pharmacy), ("practitioner", practitioner)):
        for entry in listing["entries"]:
            slot = merged.setdefault(entry["substance"].casefold(), {"sources": [], "reactions": [], "since": None})
            slot["sources"].append(source)
            slot["reactions"].append(entry["reaction"])
            slot["since"] = min(filter(None, [slot["since"], entry.get("year")]), default=None)

    phase("Doubts")
    single = sorted(name for name, slot in merged.items() if len(slot["sources"]) == 1)[:10]
    checks = await parallel([
        agent(
            f"Only the {merged[name]['sources'][0]} list names {name} for patient {args['patient']}: {merged[name]['reactions'][0]}. Is that consistent?",
            schema=CHECK,
            label=name,
        )
        for name in single
    ])
    questions = [{"substance": n, "question": c["question"] if c else "not checked"} for n, c in zip(single, checks) if not c or not c["consistent"]]
    return {"merged": merged, "missing": [], "questions": questions}
