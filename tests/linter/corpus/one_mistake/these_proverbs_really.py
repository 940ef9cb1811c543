"""Which of these proverbs really come from the language they are said to come from?"""

from weft.primitives import pipeline, verify

ARGS = {
    "type": "object",
    "properties": {
        "proverbs": {
            "type": "array",
            "maxItems": 22,
            "items": {
                "type": "object",
                "properties": {"text": {"type": "string"}, "language": {"type": "string"}},
                "required": ["text", "language"],
            },
        }
    },
    "required": ["proverbs"],
}
LENSES = ["an early printed source in that language", "native speakers know it"]


async def genuine(proverb):
    verdict = await verify(proverb, lenses=LENSES, quorum=2)
    if not verdict:
        return None
    return proverb


async def main(args):
    kept = await pipeline(args["proverbs"], genuine, limit=1)
    return {"genuine": [p for p in kept if p], "asked": len(args["proverbs"])}
