"""Mark the allergens in the menus of school canteens."""

from asyncio import Semaphore

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"menus": {"type": "array", "items": {"type": "string"}, "maxItems": 30}},
    "required": ["menus"],
}
ALLERGENS = {
    "type": "object",
    "properties": {"dishes": {"type": "object", "additionalProperties": {"type": "array", "maxItems": 14, "items": {"type": "string"}}}},
    "required": ["dishes"],
}


async def main(args):
    gate = Semaphore(6)

    async def mark(menu):
        async with gate:
            return await agent(f"Which allergens are in each dish of the menu {menu}?", schema=ALLERGENS, label=menu)

    marked = await parallel([mark(menu) for menu in args["menus"]])
    return {menu: reply["dishes"] for menu, reply in zip(args["menus"], marked) if reply}
