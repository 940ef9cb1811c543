"""Family tree from a parish register: each entry names a person, who may have parents who stand there as well."""

from weft.primitives import agent, dedup, log, parallel

ARGS = {
    "type": "object",
    "properties": {"books": {"type": "array", "maxItems": 6, "items": {"type": "string"}}},
    "required": ["books"],
}
ENTRIES = {
    "$defs": {
        "person": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "born": {"type": ["integer", "null"]},
                "mother": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            },
            "required": ["name", "born", "mother"],
        }
    },
    "type": "object",
    "properties": {"entries": {"type": "array", "minItems": 0, "maxItems": 10, "items": {"$ref": "#/$defs/person"}}},
    "required": ["entries"],
}


def answer_schema(*fields):
    return {"type": "object", "properties": {name: {"type": "string"} for name in fields}, "required": list(fields)}


async def main(args):
    books = args["books"]
    replies = await parallel([agent(f"List the baptisms of {book}.", schema=ENTRIES, label=book) for book in books])
    people = dedup(
        [entry for reply in replies if reply for entry in reply["entries"]],
        key=lambda person: (person["name"].casefold(), person["born"]),
    )
    dated = [person for person in people if person["born"] is not None]
    dated.sort(key=lambda person: (person["born"], person["name"]))
    orphans = [person["name"] for person in dated if person["mother"] is None]
    log(f"{len(orphans)} without a mother")
    schema = answer_schema("mother", "book")
    mothers = await parallel([agent(f"Search all books for the mother of {name}.", schema=schema, label=name) for name in orphans[:7]])
    tree = {person["name"]: person["mother"] for person in dated if person["mother"]}
    tree.update({name: mother["mother"] for name, mother in zip(orphans, mothers) if mother})
    return {"tree": tree, "undated": len(people) - len(dated)}
