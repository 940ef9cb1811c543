"""What do these files say about a question? Answers any question from documents, with every source.

Each file is searched by an agent of its own; the best passages are verified before they count.
"""

from weft.primitives import agent, log, parallel, phase, pipeline, verify

ARGS = {
    "type": "object",
    "properties": {
        "question": {"type": "string", "minLength": 3, "examples": ["What is kept, and for how long?"]},
        "files": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 200},
        "left_out": {
            "type": "object",
            "description": "Files that were there and are not looked at, because more than 200 are too many",
            "properties": {
                "count": {"type": "integer"},
                "files": {"type": "array", "items": {"type": "string"}, "maxItems": 2000},
            },
            "required": ["count", "files"],
        },
    },
    "required": ["question", "files"],
}

PASSAGES = {
    "type": "object",
    "properties": {
        "passages": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "properties": {
                    "statement": {"type": "string", "description": "The sentence that answers, word for word"},
                    "source": {"type": "string", "description": "The file"},
                    "line": {"type": "integer", "description": "The line on which the sentence begins"},
                },
                "required": ["statement", "source", "line"],
            },
        }
    },
    "required": ["passages"],
}


async def check(passage):
    """Keep a passage that stands where it is said to stand and that no other file denies."""
    verdict = await verify(
        passage, lenses=["the quotation: does it stand there", "the opposite: does another file deny it"], quorum=2
    )
    return passage if verdict["survives"] else None


async def main(args):
    left_out = args.get("left_out", {"count": 0, "files": []})
    if left_out["count"]:
        log(
            f"{left_out['count']} of {len(args['files']) + left_out['count']} files are left out; the result names them"
        )
    phase("Search")
    replies = await parallel(
        [
            agent(
                f"Read {file} and list the sentences in it that help to answer this question.\n"
                f"<question>{args['question']}</question>",
                schema=PASSAGES,
                label=f"search:{file}",
            )
            for file in args["files"]
        ]
    )
    found = [passage for reply in replies if reply for passage in reply["passages"]]
    chosen = found[:40]
    if len(found) > len(chosen):
        log(f"{len(found) - len(chosen)} of {len(found)} passages are left out")

    phase("Verify")
    kept = [passage for passage in await pipeline(chosen, check) if passage]

    phase("Answer")
    listed = "\n".join(f"<item>{p['statement']} ({p['source']}:{p['line']})</item>" for p in kept)
    answer = await agent(
        f"Answer this question from the verified passages below and from nothing else. Name the source of each point.\n"
        f"<question>{args['question']}</question>\n{listed}",
        tools=[],
        label="answer",
    )
    return {
        "question": args["question"],
        "answer": answer,
        "passages": kept,
        "coverage": {
            "files": len(args["files"]),
            "files_read": sum(1 for reply in replies if reply),
            "files_left_out": left_out,
            "passages_found": len(found),
            "passages_checked": len(chosen),
        },
    }
