"""Choose a slogan for a bicycle brand from proposals of several market offices."""

from dataclasses import dataclass

from weft.primitives import agent, judge, log, parallel

ARGS = {
    "type": "object",
    "required": ["markets", "brand"],
    "properties": {
        "markets": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 8},
        "brand": {"type": "string"},
    },
}


@dataclass
class Brief:
    customers: str
    rivals: str
    tone: str

    def text(self):
        return f"Customers: {self.customers}\nRivals: {self.rivals}\nTone: {self.tone}"


class Desk:
    def __init__(self, brand):
        self.brand = brand

    async def brief(self):
        customers = await agent(f"Describe who buys {self.brand} bicycles in 80 words.")
        rivals = await agent(f"Describe the slogans of the rivals of {self.brand} in 80 words.")
        tone = await agent(f"Describe the tone of voice in the house style of {self.brand} in 80 words.")
        return Brief(customers or "unknown", rivals or "unknown", tone or "plain")

    async def propose(self, market, brief):
        slogan = await agent(f"Propose one slogan for {self.brand} in {market}.\n{brief.text()}")
        return {"market": market, "slogan": slogan} if slogan else None


async def main(args):
    desk = Desk(args["brand"])
    brief = await desk.brief()
    proposals = [p for p in await parallel([desk.propose(m, brief) for m in args["markets"]]) if p]
    if len(proposals) < 2:
        return {"slogan": None, "proposals": proposals}
    log(f"{len(proposals)} proposals")
    ranking = await judge(proposals, criteria="memorable, true, short", judges=3)
    return {"ranking": ranking}
