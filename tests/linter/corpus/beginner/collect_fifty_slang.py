"""Collect fifty slang words of the harbour workers from an archive of interviews."""
from weft.primitives import agent, log, phase

META = {"name": "harbour-slang", "description": "Slang words from interviews with harbour workers"}
ARGS = {
    "type": "object",
    "properties": {"archive": {"type": "string"}},
    "required": ["archive"],
}
WORDS = {
    "type": "object",
    "properties": {
        "words": {
            "type": "array",
            "maxItems": 15,
            "items": {
                "type": "object",
                "properties": {"word": {"type": "string"}, "meaning": {"type": "string"}},
                "required": ["word", "meaning"],
            },
        }
    },
    "required": ["words"],
}


async def main(args):
    phase("Collect")
    found = []
    rounds = 0
    while len(found) < 50:
        seen = []
        reply = await agent("List slang words of harbour workers in the interviews under " + args["archive"], schema=WORDS, label="collect")
        rounds = rounds + 1
        if reply is not None:
            for item in reply["words"]:
                if item["word"].lower() not in seen:
                    seen.append(item["word"].lower())
                    found.append(item)
        log("after round " + str(rounds) + " there are " + str(len(found)))
    return {"words": found[:50], "rounds": rounds}
