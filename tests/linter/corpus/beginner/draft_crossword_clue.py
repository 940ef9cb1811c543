"""Draft a crossword clue for each word, and try it again by hand when the clue gives the word away."""
from weft.primitives import agent, phase, pipeline

META = {"name": "crossword-clues", "description": "Crossword clues that do not give the word away"}
ARGS = {
    "type": "object",
    "properties": {"words": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 30}},
    "required": ["words"],
}


async def clue_for(word):
    tries = 0
    ok = False
    clue = None
    bad = []
    while not ok and tries < 3:
        tries = tries + 1
        clue = await agent("Write a crossword clue for " + word + ". These were no good, they contain the word: " + str(bad), label="clue:" + word)
        if clue is not None:
            if word.lower() in clue.lower():
                bad.append(clue)
            else:
                ok = True
    if ok:
        return {"word": word, "clue": clue, "tries": tries}
    return None


async def main(args):
    phase("Clues")
    results = await pipeline(args["words"], clue_for)
    clues = []
    without = []
    for i in range(len(results)):
        if results[i] is None:
            without.append(args["words"][i])
        else:
            clues.append(results[i])
    return {"clues": clues, "without": without}
