"""Which letters survive in more than one archive, and do the copies differ?"""

from functools import reduce

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"archives": {"type": "array", "items": {"type": "string"}, "maxItems": 6}},
    "required": ["archives"],
}
LETTERS = {
    "type": "object",
    "properties": {
        "letters": {
            "type": "array",
            "maxItems": 8,
            "items": {
                "type": "object",
                "properties": {"sender": {"type": "string"}, "date": {"type": "string"}, "shelfmark": {"type": "string"}},
                "required": ["sender", "date", "shelfmark"],
            },
        }
    },
    "required": ["letters"],
}


def merge(by_letter, reply):
    for letter in reply["letters"] if reply else []:
        by_letter.setdefault((letter["sender"].lower(), letter["date"]), []).append(letter["shelfmark"])
    return by_letter


async def main(args):
    catalogues = await parallel([agent(f"List the letters of the 1848 correspondence held in {a}.", schema=LETTERS) for a in args["archives"]])
    by_letter = reduce(merge, catalogues, {})
    names = [f"{sender}, {date}" for sender, date in by_letter]
    compared = await parallel(
        [agent(f"Compare the copies of the letter {name} at {' and '.join(marks)}.") for name, marks in zip(names, by_letter.values())]
    )
    return {"differences": {name: text for name, text in zip(names, compared) if text}}
