"""Which loans of the portfolio break a covenant?"""

from dataclasses import dataclass

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "properties": {"loans": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 45}},
    "required": ["loans"],
}
BREACH = {
    "type": "object",
    "properties": {"breach": {"type": "boolean"}, "clause": {"type": "string"}, "reasoning": {"type": "string"}},
    "required": ["breach", "clause", "reasoning"],
}
CHECKED = {"type": "object", "properties": {"correct": {"type": "boolean"}}, "required": ["correct"]}


@dataclass
class Analyst:
    """Reads a loan file and answers for it."""

    name: str = "analyst"

    async def assess(self, loan):
        return await agent(f"Does the loan {loan} break one of its covenants?", schema=BREACH, profile=self.name, label=loan)

    async def confirm(self, breach, loan):
        if not breach["breach"]:
            return None
        check = await agent(
            f"You found that loan {loan} breaks {breach['clause']}. Your reasoning was: {breach['reasoning']}\n"
            "Go through your reasoning once more. Is it correct?",
            schema=CHECKED,
            profile=self.name,
            label=f"confirm:{loan}",
        )
        return {"loan": loan, "clause": breach["clause"]} if check and check["correct"] else None


async def main(args):
    analyst = Analyst()
    breaches = await pipeline(args["loans"], analyst.assess, analyst.confirm)
    return {"breaches": [breach for breach in breaches if breach], "loans": len(args["loans"])}
