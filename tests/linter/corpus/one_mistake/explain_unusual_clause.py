"""Explain every unusual clause in a set of rental contracts once."""

from weft.primitives import Seen, agent, parallel, pipeline

ARGS = {
    "type": "object",
    "required": ["contracts"],
    "properties": {"contracts": {"type": "array", "items": {"type": "string"}, "maxItems": 70}},
}
CLAUSES = {
    "type": "object",
    "required": ["clauses"],
    "properties": {
        "clauses": {
            "type": "array",
            "maxItems": 8,
            "items": {
                "type": "object",
                "required": ["number", "heading"],
                "properties": {"number": {"type": "string", "maxLength": 12}, "heading": {"type": "string", "maxLength": 80}},
            },
        }
    },
}


class ClauseService:
    def __init__(self):
        self.seen = Seen(key=lambda c: c["heading"].casefold())

    async def read(self, contract):
        return await agent(f"List the unusual clauses of {contract}.", schema=CLAUSES)

    def only_new(self, reply):
        return self.seen.add(reply["clauses"])

    async def explain(self, clauses, contract):
        texts = await parallel(
            [agent(f"Explain clause {c['number']} ({c['heading']}) of {contract} to a tenant.") for c in clauses],
            limit=1,
        )
        return [{"contract": contract, "clause": c["number"], "text": t} for c, t in zip(clauses, texts) if t]


async def main(args):
    service = ClauseService()
    explained = await pipeline(args["contracts"], service.read, service.only_new, service.explain)
    return [row for rows in explained if rows for row in rows]
