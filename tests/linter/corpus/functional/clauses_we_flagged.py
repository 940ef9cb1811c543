"""Do the clauses that we flagged in a lease really put the tenant at a disadvantage?"""

from weft.primitives import agent, pipeline

META = {"name": "lease-clauses", "description": "Flag clauses, then have them confirmed"}
ARGS = {
    "type": "object",
    "properties": {"leases": {"type": "array", "items": {"type": "string"}, "maxItems": 10}},
    "required": ["leases"],
}
FLAG = {
    "type": "object",
    "properties": {"clause": {"type": "string"}, "harm": {"type": "string"}, "reasoning": {"type": "string"}},
    "required": ["clause", "harm", "reasoning"],
}
SURE = {"type": "object", "properties": {"sure": {"type": "boolean"}}, "required": ["sure"]}


def flag(lease):
    return agent(f"Name the clause in {lease} that harms the tenant most, and why.", schema=FLAG, label=f"flag:{lease}")


async def confirm(found, lease):
    ask_again = (
        f"In {lease} you flagged {found['clause']} because: {found['reasoning']}\n"
        "Confirm that your analysis is correct."
    )
    answer = await agent(ask_again, schema=SURE, label=f"confirm:{lease}")
    return {"lease": lease, "clause": found["clause"], "harm": found["harm"]} if answer and answer["sure"] else None


async def main(args):
    rows = await pipeline(args["leases"], flag, confirm)
    return {"confirmed": [r for r in rows if r], "lost": len(rows.lost)}
