"""Whose advertisement is it? Each advertiser is described once, from the first page that shows it."""

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "properties": {"pages": {"type": "array", "items": {"type": "string"}, "maxItems": 48}},
    "required": ["pages"],
}
ADVERT = {
    "type": "object",
    "properties": {"advertiser": {"type": "string"}, "goods": {"type": "string"}},
    "required": ["advertiser", "goods"],
}


class Register:
    def __init__(self):
        self.owner = {}

    def claim(self, advertiser, page):
        return self.owner.setdefault(advertiser.casefold(), page) == page


async def main(args):
    register = Register()

    async def biggest_advert(page):
        advert = await agent(f"What is the biggest advertisement on {page}?", schema=ADVERT)
        if advert is None or not register.claim(advert["advertiser"], page):
            return None
        return advert

    async def portrait(advert):
        text = await agent(f"Write five lines on {advert['advertiser']}, who sold {advert['goods']}.")
        return {"advertiser": advert["advertiser"], "text": text}

    return [row for row in await pipeline(args["pages"], biggest_advert, portrait) if row]
