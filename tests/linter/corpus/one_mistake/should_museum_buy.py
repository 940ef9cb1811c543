"""Should the museum buy the painting? An expert on the painter and one on prices."""

from weft.primitives import agent, parallel

ARGS = {"type": "object", "properties": {"painting": {"type": "string"}}, "required": ["painting"]}
ORIGIN = {
    "type": "object",
    "properties": {"genuine": {"type": "boolean"}, "gap_years": {"type": "integer"}},
    "required": ["genuine", "gap_years"],
}


def ask(expert, question, schema=None):
    return agent(f"You know all about {expert}. {question}", schema=schema, label=expert)


async def main(args):
    painting = args["painting"]
    origin, price = await parallel(
        [
            ask("provenance", f"Is {painting} genuine, and how many years of its history are dark?", schema=ORIGIN),
            ask("auctions", f'What is {painting} worth? Answer as JSON: {{"low": 0, "high": 0}}'),
        ]
    )
    if origin is None or price is None:
        return {"buy": False, "because": "an expert did not answer"}
    fair = (price["low"] + price["high"]) / 2
    return {"buy": origin["genuine"] and origin["gap_years"] < 10, "at_most": fair}
