"""Flood risks of the depot sites, with a rough price for each site's worst one."""

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "properties": {"sites": {"type": "array", "maxItems": 8, "items": {"type": "string"}}},
    "required": ["sites"],
}
RISKS = {
    "type": "object",
    "properties": {
        "risks": {
            "type": "array",
            "minItems": 1,
            "maxItems": 5,
            "items": {
                "type": "object",
                "properties": {"where": {"type": "string"}, "what": {"type": "string"}},
                "required": ["where", "what"],
            },
        }
    },
    "required": ["risks"],
}
PRICE = {"type": "object", "properties": {"euros": {"type": "integer"}}, "required": ["euros"]}


class Audit:
    def look(self, site):
        return agent(f"Flood risks at {site}, the worst first", schema=RISKS, label=site)

    async def price(self, reply, site):
        worst = reply["risks"][0]
        cost = await agent(f"Price of a repair at {site}, {worst['where']}: {worst['what']}", schema=PRICE)
        return {"site": site, "risks": reply["risks"], "euros": cost["euros"] if cost else None}


async def main(args):
    audit = Audit()
    rows = [row for row in await pipeline(args["sites"], audit.look, audit.price) if row]
    return {"sites": rows}
