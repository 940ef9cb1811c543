"""A story that five writers pass on to each other."""
from weft.primitives import agent

META = {"name": "relay", "description": "A relay story"}
ARGS = {"type": "object", "properties": {"opening": {"type": "string"}}, "required": ["opening"]}
STYLES = ["dry", "florid", "breathless", "legal", "nursery"]


class Relay:
    def __init__(self, opening):
        self.pages = [opening]

    def last(self):
        return self.pages[-1]

    async def carry_on(self, style):
        page = await agent(f"Go on with this story in a {style} style, one page:\n<page>{self.last()}</page>", label=style)
        if page:
            self.pages.append(page)


async def main(args):
    relay = Relay(args["opening"])
    for style in STYLES:
        await relay.carry_on(style)
    return {"story": relay.pages}
