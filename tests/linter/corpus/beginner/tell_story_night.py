"""Tell the story of a night of server logs, hour after hour, each hour with the story so far."""
from weft.primitives import agent, log, phase

META = {"name": "night-story", "description": "A running account of one night of server logs"}
ARGS = {
    "type": "object",
    "properties": {"hours": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 12}},
    "required": ["hours"],
}


async def main(args):
    hours = args["hours"]
    story = "Nothing has happened yet."
    missed = []
    i = 0
    phase("Read the night")
    while i < len(hours):
        prompt = "The story so far:\n" + story + "\n\nContinue it in at most five sentences with the log file " + hours[i]
        prompt = prompt + "\nSay it when something from an earlier hour comes back. Return the whole story."
        answer = await agent(prompt, label="hour:" + str(i))
        if answer is None:
            missed.append(hours[i])
        else:
            story = answer
        i += 1
    if len(missed) > 0:
        log("hours without an account: " + ", ".join(missed))
    return {"story": story, "missed": missed}
