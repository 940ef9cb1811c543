"""Is the old mill worth a grant? Three jurors and a simple majority for each mill."""

from itertools import repeat

from weft.primitives import agent, parallel, pipeline

ARGS = {
    "type": "object",
    "properties": {"mills": {"type": "array", "items": {"type": "string"}, "maxItems": 20}},
    "required": ["mills"],
}
BALLOT = {
    "type": "object",
    "properties": {"grant": {"type": "boolean"}, "remark": {"type": "string"}},
    "required": ["grant", "remark"],
}
JURORS = 3


async def jury(mill):
    question = f"You sit on the jury. Does the mill {mill} deserve a grant?"
    ballots = await parallel([agent(asked, schema=BALLOT) for asked in repeat(question, JURORS)])
    yes = [ballot for ballot in ballots if ballot and ballot["grant"]]
    return {"mill": mill, "yes": len(yes), "remarks": [ballot["remark"] for ballot in yes]}


async def main(args):
    results = await pipeline(args["mills"], jury)
    return [row for row in results if row and row["yes"] * 2 > JURORS]
