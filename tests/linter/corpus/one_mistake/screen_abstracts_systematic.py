"""Screen abstracts for a systematic review."""

from enum import Enum

from weft.primitives import agent, parallel, pipeline


class Screener(Enum):
    METHOD = "a methodologist: is it a comparative design?"
    CLINIC = "a clinician: is it the population that we treat?"
    LIBRARY = "a librarian: is it a primary publication?"


ENOUGH = 4
ARGS = {
    "type": "object",
    "properties": {"abstracts": {"type": "array", "items": {"type": "string"}, "maxItems": 40}},
    "required": ["abstracts"],
}
BALLOT = {
    "type": "object",
    "properties": {"include": {"type": "boolean"}, "reason": {"type": "string", "maxLength": 120}},
    "required": ["include", "reason"],
}


async def screen(abstract):
    ballots = await parallel(
        [agent(f"You are {s.value} Screen this abstract.\n<abstract>{abstract}</abstract>", schema=BALLOT, label=s.name) for s in Screener]
    )
    yes = sum(1 for b in ballots if b and b["include"])
    if yes >= ENOUGH:
        return {"abstract": abstract[:80], "verdict": "include"}
    return {"abstract": abstract[:80], "verdict": "exclude", "reasons": [b["reason"] for b in ballots if b and not b["include"]]}


async def main(args):
    screened = await pipeline(args["abstracts"], screen, limit=1)
    return {"included": [s for s in screened if s and s["verdict"] == "include"], "all": [s for s in screened if s]}
