"""Write a biography's chapters and keep one list of the persons who occur, so that nobody is introduced twice."""

from dataclasses import dataclass, field

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "properties": {"years": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 20}},
    "required": ["years"],
}
CHAPTER = {
    "type": "object",
    "properties": {
        "text": {"type": "string"},
        "persons": {"type": "array", "maxItems": 15, "items": {"type": "string"}},
    },
    "required": ["text", "persons"],
}


@dataclass
class Cast:
    known: list = field(default_factory=list)

    def introduce(self, persons):
        self.known += [person for person in persons if person not in self.known]


class Biographer:
    def __init__(self):
        self.cast = Cast()

    async def outline(self, year):
        return await agent(f"Collect from the letters what happened in {year}.", label=f"collect:{year}")

    async def write(self, notes, year):
        chapter = await agent(
            f"Write the chapter on {year} from these notes. Already introduced: {self.cast.known}.\n\n{notes}",
            schema=CHAPTER,
            label=f"write:{year}",
        )
        if chapter is None:
            return None
        self.cast.introduce(chapter["persons"])
        return chapter["text"]


async def main(args):
    author = Biographer()
    chapters = await pipeline(args["years"], author.outline, author.write)
    return {"chapters": chapters, "persons": author.cast.known}
