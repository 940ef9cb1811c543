"""Fact-check the wall labels of the new city museum before they are printed."""

from weft.primitives import agent, log, phase, pipeline, verify

ARGS = {
    "type": "object",
    "properties": {"labels": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 30}},
    "required": ["labels"],
}
STATEMENTS = {
    "type": "object",
    "properties": {
        "statements": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "properties": {"statement": {"type": "string"}, "source": {"type": "string"}, "line": {"type": "integer"}},
                "required": ["statement", "source", "line"],
            },
        }
    },
    "required": ["statements"],
}
LENSES = ["the archive says so", "another archive contradicts it", "the year and the names are right"]


async def extract(path):
    reply = await agent(f"Split the wall label {path} into statements that can be checked.", schema=STATEMENTS, label=path)
    if reply is None:
        return None
    return {"path": path, "statements": reply["statements"], "full": reply["statements"].full}


async def examine(entry):
    async def one(statement):
        verdict = await verify(statement, lenses=LENSES, quorum=2)
        return {**statement, "true": verdict["survives"]}

    judged = await pipeline(entry["statements"], one)
    return {
        "path": entry["path"],
        "false": [s for s in judged if s and not s["true"]],
        "not_judged": sum(s is None for s in judged),
        "more_statements": entry["full"],
    }


async def main(args):
    phase("Check")
    done = await pipeline(args["labels"], extract, examine)
    checked = {d["path"]: d for d in done if d}
    log(f"{len(checked)} of {len(args['labels'])} labels were checked")
    return {
        "withdraw": [d["path"] for d in checked.values() if d["false"]],
        "false_statements": [s for d in checked.values() for s in d["false"]],
        "print": [d["path"] for d in checked.values() if not d["false"] and not d["not_judged"] and not d["more_statements"]],
        "unread": [p for p in args["labels"] if p not in checked],
    }
