"""Tell a serial story: every chapter goes on where the one before ended."""

from weft.primitives import agent, log

ARGS = {
    "type": "object",
    "properties": {"places": {"type": "array", "items": {"type": "string"}, "maxItems": 12}},
    "required": ["places"],
}
CHAPTER = {
    "type": "object",
    "properties": {"text": {"type": "string"}, "ends_with": {"type": "string"}},
    "required": ["text", "ends_with"],
}


class Serial:
    def __init__(self):
        self.chapters = []
        self.ending = "a knock at the door"

    async def go_on(self, place):
        chapter = await agent(f"Write the next chapter, in {place}. The last one ended with: {self.ending}", schema=CHAPTER)
        if chapter is None:
            log(f"no chapter in {place}")
            return
        self.chapters.append(chapter["text"])
        self.ending = chapter["ends_with"]


async def main(args):
    serial = Serial()
    for place in args["places"]:
        await serial.go_on(place)
    return {"story": "\n\n".join(serial.chapters)}
