"""Should the bakery sign this lease?"""
from weft.primitives import agent, log

META = {"name": "lease", "description": "Weigh a lease"}
ARGS = {"type": "object", "properties": {"lease": {"type": "string"}, "street": {"type": "string"}}, "required": ["lease", "street"]}
NOTE = {"type": "object", "properties": {"monthly": {"type": "number"}, "points": {"type": "string"}}, "required": ["monthly", "points"]}


def asker(about):
    async def ask(place):
        return await agent(f"{about}: {place}", schema=NOTE, critical=True)
    return ask


ask_terms = asker("State the duties and the monthly rent in the lease")
ask_rents = asker("State the usual monthly rent of shops in the street")


async def main(args):
    terms = await ask_terms(args["lease"])
    own = round(terms["monthly"], 2)
    log(f"The lease asks {own}")
    usual = await ask_rents(args["street"])
    return {"asked": own, "usual": usual["monthly"], "duties": terms["points"], "market": usual["points"]}
