"""Summarise a folder: what are the main points of these documents? Writes one digest, with sources.

An agent lists the main points of each document; a tree of agents merges them, so that no prompt receives everything.
"""

from weft.primitives import agent, parallel, phase, synthesize

ARGS = {
    "type": "object",
    "properties": {
        "question": {"type": "string", "minLength": 3},
        "files": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 200},
    },
    "required": ["question", "files"],
}

POINTS = {
    "type": "object",
    "properties": {
        "points": {
            "type": "array",
            "maxItems": 4,
            "items": {
                "type": "object",
                "properties": {
                    "statement": {"type": "string", "description": "The point, in the document's words"},
                    "source": {"type": "string", "description": "The file"},
                    "line": {"type": "integer", "description": "The line on which it begins"},
                },
                "required": ["statement", "source", "line"],
            },
        }
    },
    "required": ["points"],
}


async def main(args):
    phase("Read")
    replies = await parallel(
        [
            agent(
                f"Read {file} and list its main points.\n<question>{args['question']}</question>",
                schema=POINTS,
                label=f"read:{file}",
            )
            for file in args["files"]
        ]
    )
    points = [
        f"{point['statement']} ({point['source']}:{point['line']})"
        for reply in replies
        if reply
        for point in reply["points"]
    ]
    if not points:
        return {"digest": None, "files_read": sum(1 for reply in replies if reply), "points": 0}
    phase("Merge")
    digest = await synthesize(points, f"Merge these points into one digest that answers: {args['question']}", fan_in=20)
    return {"digest": digest, "files_read": sum(1 for reply in replies if reply), "points": len(points)}
