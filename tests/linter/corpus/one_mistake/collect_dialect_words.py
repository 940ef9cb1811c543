"""Collect dialect words for bread rolls from four regions of a small corpus."""

from weft.primitives import Seen, agent, log, parallel, until_dry

REGIONS = ["north", "south", "east", "west"]
WORDS = {
    "type": "object",
    "properties": {
        "words": {
            "type": "array",
            "maxItems": 12,
            "items": {
                "type": "object",
                "properties": {"word": {"type": "string"}, "place": {"type": "string"}},
                "required": ["word", "place"],
            },
        }
    },
    "required": ["words"],
}


async def sweep(step, known):
    page = step.number
    replies = await parallel(
        [agent(f"Words for a bread roll, {r}, page {page} of the corpus. Have {known} words.", schema=WORDS) for r in REGIONS]
    )
    return [entry for reply in replies if reply for entry in reply["words"]]


async def main(args):
    seen = Seen(key=lambda entry: (entry["word"].casefold(), entry["place"].casefold()))
    lexicon = []
    loop = until_dry(max_rounds=6, patience=2)
    for step in loop:
        fresh = seen.add(await sweep(step, len(lexicon)))
        if fresh:
            log(f"round {step.number}: {len(fresh)} new words")
        lexicon += fresh
    return {"lexicon": sorted(lexicon, key=lambda e: e["word"]), "ended": loop.ended}
