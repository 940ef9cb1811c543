"""Write to a donor in the manner that suits the gift."""

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {
        "manner": {"enum": ["warm", "formal", "short"]},
        "donors": {"type": "array", "maxItems": 30, "items": {"type": "string"}},
    },
    "required": ["manner", "donors"],
}


class Letters:
    def warm(self, donor):
        return f"Thank {donor} for the gift, like an old friend would."

    def formal(self, donor):
        return f"Thank {donor} for the gift, in the name of the board."

    def short(self, donor):
        return f"Thank {donor} for the gift in two sentences."


async def main(args):
    prompt_for = getattr(Letters(), args["manner"])
    letters = await parallel([agent(prompt_for(donor), label=donor) for donor in args["donors"]])
    missing = [donor for donor, letter in zip(args["donors"], letters) if letter is None]
    if missing:
        log(f"no letter for {', '.join(missing)}")
    return {"letters": [letter for letter in letters if letter], "missing": missing}
