"""Are the citations of a dissertation right? Each is opened, and the doubtful ones are debated."""

from weft.primitives import agent, debate, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"citations": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 50}},
    "required": ["citations"],
}
OPENED = {
    "type": "object",
    "properties": {"found": {"type": "boolean"}, "says_so": {"type": "boolean"}, "quote": {"type": "string", "maxLength": 300}},
    "required": ["found", "says_so", "quote"],
}


async def doubtful(citation):
    opened = await agent(f"Open this citation and compare: {citation}", schema=OPENED, label=citation)
    if opened and opened["found"] and opened["says_so"]:
        return None
    return {"citation": citation, "quote": opened["quote"]}


async def argue(doubt):
    speeches = await debate(f"Is this citation wrong? {doubt['citation']}\nThe source says: {doubt['quote']}", roles=["accuser", "defender"], rounds=2)
    doubt["speeches"] = len(speeches)
    ruling = await agent(f"Is this citation wrong? {doubt['citation']}\nAnswer in one sentence.", tools=[], label="ruling")
    return {**doubt, "ruling": ruling}


async def main(args):
    phase("Open")
    doubts = [doubt for doubt in await parallel([doubtful(citation) for citation in args["citations"]]) if doubt]
    log(f"{len(doubts)} citations are doubtful")
    phase("Argue")
    rulings = await parallel([argue(doubt) for doubt in doubts])
    return {"rulings": [ruling for ruling in rulings if ruling], "checked": len(args["citations"])}
