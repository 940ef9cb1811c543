"""Which statements in the sustainability report are backed by figures?"""

from dataclasses import asdict, dataclass

from weft.primitives import agent, pipeline, verify

META = {"name": "green-claims", "description": "Check the statements of a sustainability report"}
ARGS = {"type": "object", "properties": {"report": {"type": "string"}}, "required": ["report"]}
STATEMENTS = {
    "type": "object",
    "properties": {
        "statements": {
            "type": "array",
            "maxItems": 24,
            "items": {
                "type": "object",
                "properties": {"text": {"type": "string"}, "page": {"type": "integer"}},
                "required": ["text", "page"],
            },
        }
    },
    "required": ["statements"],
}


@dataclass
class Row:
    text: str
    page: int


async def backed(statement):
    verdict = await verify(statement, lenses=["the figure exists", "the figure says this", "the base year is fair"], quorum=2)
    return asdict(Row(statement["text"], statement["page"])) if verdict else None


async def main(args):
    reply = await agent(f"List the checkable statements in {args['report']}.", schema=STATEMENTS, label="list")
    if reply is None:
        return {"error": "the report could not be read"}
    rows = [row for row in await pipeline(reply["statements"], backed) if row]
    return {"backed": rows, "of": len(reply["statements"])}
