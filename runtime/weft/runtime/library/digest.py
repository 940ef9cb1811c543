"""Summarise a folder: what are the main points of these documents? Writes one digest, with sources.

An agent lists the main points of each document; a tree of agents merges them, so that no prompt receives everything.

Use it to learn what is in more documents than one context holds.

Not to decide what is true in them: a point that stands in one of them is told as it stands (check-facts checks it).
"""

from weft.primitives import agent, parallel, phase, synthesize, understood

ARGS = {
    "type": "object",
    "properties": {
        "question": {"type": "string", "minLength": 3, "examples": ["What are the main points?"]},
        "files": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 200},
        "left_out": {
            "type": "object",
            "description": "Files that were there and are not looked at: too many, or no text",
            "properties": {
                "count": {"type": "integer"},
                "files": {"type": "array", "items": {"type": "string"}, "maxItems": 2000},
                "why": {"type": "string"},
            },
            "required": ["count", "files"],
        },
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
    left_out = args.get("left_out", {"count": 0, "files": []})
    understood(len(args["files"]), len(args["files"]) + left_out["count"], hint=left_out.get("why", "left out"))
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
        f"{point['statement']} ({file}:{point['line']})"
        for file, reply in zip(args["files"], replies, strict=True)
        if reply
        for point in reply["points"]
    ]
    digest = None
    if points:
        phase("Merge")
        task = f"Merge these points into one digest that answers: {args['question']}"
        digest = await synthesize(points, task, fan_in=20)
    else:
        understood(0, 0, what="points", hint="no file has a sentence that could be one")
    return {
        "digest": digest,
        "coverage": {
            "files": len(args["files"]),
            "files_read": sum(1 for reply in replies if reply),
            "files_lost": [file for file, reply in zip(args["files"], replies, strict=True) if reply is None],
            "files_left_out": left_out,
            "points": len(points),
        },
    }
