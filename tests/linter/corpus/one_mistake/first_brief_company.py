"""A first brief on a company that wants a loan: where it comes from, what it sells to whom, who sues it."""

from dataclasses import asdict, dataclass

from weft.primitives import agent, phase

ARGS = {"type": "object", "properties": {"company": {"type": "string"}}, "required": ["company"]}
LAWSUITS = {
    "type": "object",
    "properties": {"cases": {"type": "array", "maxItems": 15, "items": {"type": "string"}}},
    "required": ["cases"],
}


@dataclass
class Brief:
    history: str | None
    market: str | None
    cases: list

    def is_whole(self):
        return self.history is not None and self.market is not None


async def history_of(name):
    return await agent(f"Write ten lines on how {name} came to be.", label="history")


async def market_of(name):
    return await agent(f"Who buys from {name}, and who sells the same? Ten lines.", label="market")


async def cases_against(name):
    reply = await agent(f"List the open lawsuits against {name}.", schema=LAWSUITS, label="law")
    return reply["cases"] if reply else []


async def main(args):
    name = args["company"].strip()
    phase("Brief")
    brief = Brief(
        history=await history_of(name),
        market=await market_of(name),
        cases=await cases_against(name),
    )
    return {"brief": asdict(brief), "whole": brief.is_whole()}
