"""Who wrote the ten oldest letters in a box from the attic?"""

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "properties": {"letters": {"type": "array", "items": {"type": "string"}, "maxItems": 60}},
    "required": ["letters"],
}
LETTER = {
    "type": "object",
    "properties": {"year": {"type": "integer"}, "signed": {"type": "string"}, "place": {"type": "string"}},
    "required": ["year", "signed", "place"],
}


async def who(letter):
    text = await agent(f"Who may have signed “{letter['signed']}” in {letter['place']} in {letter['year']}?")
    return {**letter, "writer": text} if text else None


async def main(args):
    read = await pipeline(args["letters"], lambda scan: agent(f"Date the letter {scan}; who signed, and where?", schema=LETTER))
    dated = [letter for letter in read if letter]
    dated.sort(key=lambda letter: letter["year"])
    named = await pipeline(dated[:10], who)
    return [letter for letter in named if letter]
