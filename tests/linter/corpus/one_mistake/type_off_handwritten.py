"""Type off handwritten menus and work out what each would cost today."""
from weft.primitives import agent, parallel

META = {"name": "menu-prices", "description": "Old menus at today's prices"}
ARGS = {"type": "object", "properties": {"menus": {"type": "array", "maxItems": 12, "items": {"type": "string"}}}, "required": ["menus"]}


async def transcribe(menu):
    return await agent(f"Type off the handwritten menu {menu}.", label=f"type:{menu}")


async def price(name, text):
    return await agent(f"Menu {name} says:\n<menu>{text}</menu>\nGive today's price of each dish.", label=f"price:{name}")


async def main(args):
    menus = args["menus"]
    typed = dict(zip(menus, await parallel([transcribe(menu) for menu in menus])))
    sheets = await parallel([price(name, text) for name, text in typed.items() if text])
    return {"sheets": [sheet for sheet in sheets if sheet]}
