"""Collect ten riddles in Latin, each with another answer."""

from weft.primitives import agent, log

RIDDLES = {
    "type": "object",
    "properties": {
        "riddles": {
            "type": "array",
            "maxItems": 4,
            "items": {
                "type": "object",
                "properties": {"text": {"type": "string"}, "answer": {"type": "string"}},
                "required": ["text", "answer"],
            },
        }
    },
    "required": ["riddles"],
}


async def main(args):
    riddles = {}
    tries = 0
    while len(riddles) < 10 and tries < 6:
        tries += 1
        taken = ", ".join(sorted(riddles)) or "nothing"
        reply = await agent(f"Try {tries}: write riddles in Latin whose answers are not {taken}.", schema=RIDDLES)
        if not reply:
            log(f"try {tries} was lost")
            continue
        for riddle in reply["riddles"]:
            riddles[riddle["answer"].strip().lower()] = riddle["text"]
    return {"riddles": riddles, "tries": tries, "complete": len(riddles) >= 10}
