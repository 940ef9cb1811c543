"""A jury of four decides whether a recipe may be called traditional."""
from weft.primitives import agent

META = {"name": "recipe-jury", "description": "Four jurors, majority"}
ARGS = {"type": "object", "properties": {"recipe": {"type": "string"}}, "required": ["recipe"]}
OPINION = {"type": "object", "properties": {"yes": {"type": "boolean"}, "because": {"type": "string"}}, "required": ["yes", "because"]}
BENCH = ["cook", "historian", "farmer", "grandmother"]


class Jury:
    def __init__(self, recipe):
        self.recipe, self.protocol, self.yes = recipe, "nothing yet", 0

    async def hear(self, juror):
        said = await agent(f"As a {juror}: is the recipe {self.recipe} traditional? The protocol: {self.protocol}", schema=OPINION, label=juror)
        if said:
            self.yes += 1 if said["yes"] else 0
            self.protocol += f"\n{juror}: {'yes' if said['yes'] else 'no'}, {said['because'][:120]}"


async def main(args):
    jury = Jury(args["recipe"])
    for juror in BENCH:
        await jury.hear(juror)
    return {"traditional": jury.yes >= 3, "protocol": jury.protocol}
