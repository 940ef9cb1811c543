"""Ask the lighthouse archive for a photograph's origin, with another wording at each of five attempts."""

from weft.primitives import agent, log

ARGS = {"type": "object", "properties": {"photo": {"type": "string"}}, "required": ["photo"]}
ORIGIN = {
    "type": "object",
    "properties": {
        "found": {"type": "boolean"},
        "shelf": {"type": "string"},
        "year": {"type": "integer"},
    },
    "required": ["found"],
}
WORDS = ["the negative", "the print", "the keeper in it", "the ship in it", "the building"]


async def main(args):
    attempt = 0
    tried = []
    while attempt < len(WORDS):
        try:
            clue = WORDS[attempt]
            told = ", ".join(tried) or "nothing"
            answer = await agent(f"Find where photo {args['photo']} comes from by {clue}. Tried before: {told}.", schema=ORIGIN)
            if answer is None:
                continue
            if not answer["found"]:
                log(f"{clue} leads nowhere")
                continue
            if "shelf" not in answer:
                continue
            return {"shelf": answer["shelf"], "year": answer.get("year"), "attempts": attempt + 1}
        finally:
            tried.append(WORDS[attempt])
            attempt += 1
    return {"shelf": None, "year": None, "attempts": attempt}
