"""Fact-check: are the claims in a document true, judging by the other documents? Checks each claim against the rest.

One agent lists the claims of the document; three skeptics try to refute each of them from the other files.
"""

from weft.primitives import agent, log, parallel, phase, verify

ARGS = {
    "type": "object",
    "properties": {
        "question": {"type": "string", "minLength": 3, "examples": ["Are the claims in these documents true?"]},
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

CLAIMS = {
    "type": "object",
    "properties": {
        "claims": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {
                    "statement": {"type": "string", "description": "The claim, word for word"},
                    "source": {"type": "string", "description": "The file"},
                    "line": {"type": "integer", "description": "The line on which it begins"},
                },
                "required": ["statement", "source", "line"],
            },
        }
    },
    "required": ["claims"],
}


async def main(args):
    left_out = args.get("left_out", {"count": 0, "files": []})
    if left_out["count"]:
        log(
            f"{left_out['count']} of {len(args['files']) + left_out['count']} files are left out; the result names them"
        )
    document = args["files"][0]
    for file in args["files"]:
        if file in args["question"]:
            document = file
    phase("List claims")
    listed = await agent(
        f"Read {document} and list the claims in it that can be checked against other documents.\n"
        f"<question>{args['question']}</question>",
        schema=CLAIMS,
        label=f"claims:{document}",
        critical=True,
    )
    claims = listed["claims"]

    phase("Check")
    verdicts = await parallel([verify(claim) for claim in claims])
    return {
        "document": document,
        "claims": [
            {
                **claim,
                "survives": verdict["survives"],
                "votes": verdict["votes"],
                "independence": verdict["independence"],
            }
            for claim, verdict in zip(claims, verdicts)
            if verdict
        ],
        "coverage": {"files": len(args["files"]), "files_left_out": left_out, "claims": len(claims)},
    }
