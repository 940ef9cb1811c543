"""Give one agent a task and tools to look for itself: it thinks, looks, thinks again, and answers with its evidence.

Use it first: one agent is enough where one context holds what the task needs and nobody needs a second opinion. That
its quotations stand where it says is checked by reading the files, not by another model.

Not where every file must be looked at (digest, code-review) or what is found will be acted on (bug-hunt, check-facts).
"""

from weft.primitives import agent, pipeline, tool, understood

ARGS = {
    "type": "object",
    "properties": {
        "task": {
            "type": "string",
            "minLength": 3,
            "examples": ["Where is the timeout of the upload set, and to what?"],
        },
        "effort": {"type": "string", "enum": ["low", "medium", "high", "max"], "default": "medium"},
        "max_tokens": {
            "type": "integer",
            "description": "Most that the agent may put out over all its turns, in tokens",
            "minimum": 500,
            "maximum": 200000,
            "default": 20000,
        },
    },
    "required": ["task"],
}

ANSWER = {
    "type": "object",
    "properties": {
        "answer": {"type": "string"},
        "sure": {"type": "boolean", "description": "Whether what was seen decides it"},
        "evidence": {
            "type": "array",
            "maxItems": 12,
            "items": {
                "type": "object",
                "properties": {
                    "source": {"type": "string", "description": "The file"},
                    "line": {"type": "integer", "description": "The line on which the quotation begins"},
                    "quote": {
                        "type": "string",
                        "minLength": 1,
                        "description": "The words, exactly as they stand there",
                    },
                },
                "required": ["source", "line", "quote"],
            },
        },
        "in_vain": {
            "type": "array",
            "description": "What you looked for and did not find",
            "maxItems": 8,
            "items": {"type": "string"},
        },
    },
    "required": ["answer", "sure", "evidence", "in_vain"],
}


async def stands(evidence):
    """Add whether the quotation stands in its file: read by rule, not by a model. `None` where it cannot be read."""
    text, quote = await tool("read_file", path=evidence["source"]), squeezed(evidence["quote"])
    return {**evidence, "stands": None if text is None else bool(quote) and quote in squeezed(text)}


def squeezed(text):
    """Return a text without what line breaks and spaces change."""
    return " ".join(text.split())


async def main(args):
    found = await agent(
        "Do this task. Think of what you need to know, look for it with your tools, think about what you saw, and look "
        "again until you know it, or know that it is not there. Rest every point of the answer on words that you saw, "
        f"and quote them exactly; say what you looked for in vain.\n<task>{args['task']}</task>",
        schema=ANSWER,
        effort=args["effort"],
        max_tokens=args["max_tokens"],
        label="react",
        critical=True,
    )
    evidence = await pipeline(found["evidence"], stands)
    good = sum(1 for one in evidence if one and one["stands"])
    hint = "the others do not stand in the file that they name" if evidence else "the answer names no place"
    understood(good, len(evidence), what="quotations", hint=hint)
    return {"task": args["task"], **found, "evidence": evidence}
