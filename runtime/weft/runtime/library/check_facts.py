"""Fact-check: are these claims, or those of a document, true by what the other documents say? Checks each of them.

Claims are given, or an agent lists those of the document; three skeptics look for evidence for and against each. What
makes a claim is no evidence for it; a claim that no other file decides is unchecked.

Use it before something is published or acted on, with the files at hand that would know better.

Not for opinions and forecasts, and not where all files copy from one: they agree, and that proves nothing.
"""

from weft.primitives import agent, dedup, parallel, phase, understood, verify

ARGS = {
    "type": "object",
    "properties": {
        "question": {"type": "string", "minLength": 3, "examples": ["Are the claims in these documents true?"]},
        "files": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 200},
        "claims": {
            "type": "array",
            "description": "What is to be checked; without it, the claims of the document, else the question itself",
            "items": {"type": "string", "minLength": 3},
            "maxItems": 20,
        },
        "document": {"type": "string", "description": "The file that makes the claims, and is no evidence for them"},
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

CLAIMS = {
    "type": "object",
    "properties": {
        "claims": {
            "type": "array",
            "maxItems": 20,
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


LENSES = [
    "the support: does any other source say so",
    "the opposite: does any source say otherwise",
    "the limits: does it hold as generally as it is put, by all that is said about it",
]


async def check(claim, document):
    """Let skeptics look for evidence outside of the document that makes the claim, and tell what they found."""
    verdict = await verify(claim, lenses=LENSES, quorum=2, subject=document)
    by = {said: evidence(verdict["votes"], said) for said in ("supported", "refuted", "qualified")}
    return {
        "claim": claim,
        "verdict": judged(verdict),
        "says_so": by["supported"],
        "says_otherwise": by["refuted"],
        "qualifies_it": [found for found in by["qualified"] if found not in by["supported"] + by["refuted"]],
        "votes": together(verdict["votes"]),
        "independence": verdict["independence"],
    }


def judged(verdict):
    """Return what the votes come to; where some say so and others otherwise, the sources are in conflict."""
    votes = [vote["verdict"] for vote in verdict["votes"]]
    in_part = "supported" in votes or "qualified" in votes
    if verdict["outcome"] == "refuted":
        return "conflict" if in_part else "refuted"
    if verdict["outcome"] == "survives":
        return "supported"
    return "qualified" if in_part else "unchecked"


def together(votes):
    """Return the votes, those for the same reason as one, with the sides from which they were cast."""
    sides = {}
    for vote in votes:
        sides.setdefault((vote["verdict"], vote["reason"]), []).append(vote["lens"].partition(":")[0])
    return [{"verdict": verdict, "reason": reason, "sides": cast} for (verdict, reason), cast in sides.items()]


def evidence(votes, verdict):
    """Return what the votes of a kind rest on, each once."""
    rests = [source for vote in votes if vote["verdict"] == verdict for source in vote["evidence"]]
    return dedup(rests, key=lambda source: (source["source"], source.get("line"), source["quote"]))


async def main(args):
    left_out = args.get("left_out", {"count": 0, "files": []})
    understood(len(args["files"]), len(args["files"]) + left_out["count"], hint=left_out.get("why", "left out"))
    document = args.get("document")
    claims, more = args.get("claims") or ([] if document else [args["question"]]), False
    if document and not claims:
        phase("List claims")
        listed = await agent(
            f"Read {document} and list the claims in it that can be checked against other documents.\n"
            f"<question>{args['question']}</question>",
            schema=CLAIMS,
            label=f"claims:{document}",
            critical=True,
        )
        claims, more = listed["claims"], listed["claims"].full

    phase("Check")
    checked = [found for found in await parallel([check(claim, document) for claim in claims[:20]]) if found]
    decided = sum(1 for found in checked if found["verdict"] != "unchecked")
    hint = "no other file says so or otherwise" if claims else "the document has no sentence that could be one"
    understood(decided, len(claims), what="claims", hint=hint)
    return {
        "document": document,
        "claims": checked,
        "coverage": {"files": len(args["files"]), "files_left_out": left_out, "claims": len(claims)},
        "there_may_be_more_claims": more,
    }
