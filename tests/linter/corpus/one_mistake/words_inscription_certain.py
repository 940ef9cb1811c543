"""Which words of the inscription are certain? Three readers, independent of each other, must agree."""

from weft.primitives import agent, parallel, quorum

ARGS = {"type": "object", "properties": {"stone": {"type": "string"}}, "required": ["stone"]}
WORDS = {
    "type": "object",
    "properties": {
        "words": {
            "type": "array",
            "maxItems": 40,
            "items": {
                "type": "object",
                "properties": {"line": {"type": "integer"}, "word": {"type": "string"}},
                "required": ["line", "word"],
            },
        }
    },
    "required": ["words"],
}
READERS = ("from the rubbing", "from the photograph", "from the drawing of 1820")
AGREE = 4


def words_of(reply):
    return reply["words"] if reply else []


async def main(args):
    replies = await parallel([agent(f"Read the stone {args['stone']} {how}.", schema=WORDS) for how in READERS])
    certain = quorum([words_of(reply) for reply in replies], key=lambda one: (one["line"], one["word"]), at_least=AGREE)
    lines = {}
    for one in certain:
        lines.setdefault(str(one["line"]), []).append(one["word"])
    return lines
