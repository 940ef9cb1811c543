"""Check the statements of a prospectus with three readers each; what too few could decide is told apart."""

from weft.primitives import agent, log, parallel, phase, pipeline

ARGS = {"type": "object", "properties": {"prospectus": {"type": "string"}}, "required": ["prospectus"]}
STATEMENTS = {
    "type": "object",
    "properties": {
        "statements": {
            "type": "array",
            "maxItems": 20,
            "items": {
                "type": "object",
                "properties": {"text": {"type": "string", "maxLength": 400}, "source": {"type": "string"}},
                "required": ["text", "source"],
            },
        }
    },
    "required": ["statements"],
}
VOTE = {
    "type": "object",
    "properties": {"vote": {"enum": ["true", "false", "unknown"]}, "quote": {"type": "string", "maxLength": 300}},
    "required": ["vote", "quote"],
}
PLACES = ["the annual accounts", "the register of companies", "the press of the last two years"]


async def ballot(statement):
    replies = await parallel(
        [agent(f"Search {place} for evidence against: {statement['text']} (stands in {statement['source']})", schema=VOTE, label=place) for place in PLACES]
    )
    cast = [(place, reply) for place, reply in zip(PLACES, replies) if reply and reply["vote"] != "unknown" and reply["quote"].strip()]
    yes = sum(1 for _, reply in cast if reply["vote"] == "true")
    no = len(cast) - yes
    outcome = "undecided" if len(cast) < 2 or yes == no else "holds" if yes > no else "fails"
    return {**statement, "outcome": outcome, "evidence": [{"place": place, "quote": reply["quote"]} for place, reply in cast]}


async def main(args):
    phase("Statements")
    listed = await agent(f"List the statements of fact in {args['prospectus']}.", schema=STATEMENTS, label="list", critical=True)
    phase("Ballot")
    rows = await pipeline(listed["statements"], ballot)
    result = {"holds": [], "fails": [], "undecided": []}
    for row in rows:
        if row:
            result[row["outcome"]].append(row)
    log(", ".join(f"{name}: {len(rows)}" for name, rows in result.items()))
    return {**result, "unchecked": [s["text"] for s, row in zip(listed["statements"], rows) if row is None]}
