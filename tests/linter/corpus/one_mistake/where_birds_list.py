"""Where do the birds on the list winter? One short profile each."""

from weft.primitives import agent, phase

ARGS = {
    "type": "object",
    "properties": {
        "species": {"type": "array", "maxItems": 25, "items": {"type": "string"}},
        "detail": {"type": "string", "enum": ["names", "profiles"], "default": "profiles"},
    },
    "required": ["species"],
}
RANGE = {
    "type": "object",
    "properties": {"winters_in": {"type": "string"}, "leaves": {"type": "string"}},
    "required": ["winters_in", "leaves"],
}


class Atlas:
    def __init__(self, species):
        self.species = species

    async def locate(self, name):
        found = await agent(f"Where does {name} spend the winter?", schema=RANGE, label=name)
        if found is None:
            found = await agent(f"Wintering grounds of {name}; a guess is fine", schema=RANGE, effort="low")
        return found or {"winters_in": "unknown", "leaves": "unknown"}

    async def profiles(self, wanted):
        return {bird: await self.locate(bird) for bird in self.species} if wanted else {}


async def main(args):
    phase("Look up")
    atlas = Atlas(args["species"])
    table = await atlas.profiles(args["detail"] == "profiles")
    grounds = sorted({row["winters_in"] for row in table.values()})
    return {"birds": args["species"], "profiles": table, "grounds": grounds}
