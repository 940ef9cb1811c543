"""Find one reference shop for every bicycle brand and describe its range."""

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "properties": {"shops": {"type": "array", "maxItems": 24, "items": {"type": "string"}}},
    "required": ["shops"],
}
SHOP = {
    "type": "object",
    "properties": {"brand": {"type": "string"}, "town": {"type": "string"}},
    "required": ["brand", "town"],
}


async def main(args):
    reference = {}

    async def identify(shop):
        facts = await agent(f"Main brand and town of the bicycle shop {shop}", schema=SHOP, label=shop)
        if facts is None:
            return None
        holder = reference.setdefault(facts["brand"].casefold(), shop)
        return facts if holder == shop else None

    async def describe(facts, shop):
        text = await agent(f"Describe the range of {shop} in {facts['town']} for {facts['brand']} riders.")
        return {"shop": shop, "brand": facts["brand"], "text": text} if text else None

    rows = await pipeline(args["shops"], identify, describe)
    return sorted((row for row in rows if row), key=lambda row: row["brand"])
