"""Migrate SQL from one dialect to another with a shared dictionary of functions."""

from weft.primitives import agent, critique, pipeline, synthesize

ARGS = {
    "type": "object",
    "properties": {"queries": {"type": "array", "items": {"type": "string"}, "maxItems": 25}},
    "required": ["queries"],
}
DICTIONARY = {
    "type": "object",
    "properties": {"pairs": {"type": "object", "additionalProperties": {"type": "string"}}, "hints": {"type": "string"}},
    "required": ["pairs", "hints"],
}


async def main(args):
    dictionary = await agent("List Oracle functions and their PostgreSQL counterparts for date, text and null handling.", schema=DICTIONARY)
    if dictionary is None:
        return {"queries": [], "open": "no dictionary"}

    def relevant(query):
        return {old: new for old, new in dictionary["pairs"].items() if old.lower() in query.lower()}

    def migrate(query, _, index):
        known = "; ".join(f"{old} -> {new}" for old, new in relevant(query).items())
        return agent(
            f"Query {index + 1}: rewrite for PostgreSQL and return the text.\n{query}\nKnown: {known}. {dictionary['hints']}",
            label=f"query {index + 1}",
        )

    migrated = [q for q in await pipeline(args["queries"], migrate) if q]
    if len(migrated) < len(args["queries"]):
        return {"queries": migrated, "open": f"{len(args['queries']) - len(migrated)} were lost"}
    gaps = await critique(migrated[:8], "Which Oracle feature in these queries has no counterpart yet?")
    note = await synthesize([gaps] if gaps else ["no gaps"], "One sentence for the change log.")
    return {"queries": migrated, "open": note}
