"""Guess what a mystery sound recording is, with a new question to the listener each time, at most six."""
from weft.primitives import agent, phase

META = {"name": "mystery-sound", "description": "Narrow down an unknown sound by questions"}
ARGS = {
    "type": "object",
    "properties": {"transcript": {"type": "string"}},
    "required": ["transcript"],
}
GUESS = {
    "type": "object",
    "properties": {
        "sure": {"type": "boolean"},
        "guess": {"type": "string"},
        "question": {"type": "string"},
    },
    "required": ["sure", "guess", "question"],
}


async def main(args):
    history = []
    best = ""
    tries = 0
    phase("Guess")
    while True:
        if tries == 6:
            break
        tries = tries + 1
        text = "A listener describes a sound:\n" + args["transcript"] + "\nWhat was asked and answered so far: " + str(history)
        reply = await agent(text + "\nWhat is it? If you are not sure, ask one more question.", schema=GUESS, label="guess")
        if reply is None:
            continue
        best = reply["guess"]
        if reply["sure"]:
            break
        answer = await agent("You heard this:\n" + args["transcript"] + "\nAnswer briefly: " + reply["question"], label="listener")
        if answer is None:
            answer = "no answer"
        history.append({"question": reply["question"], "answer": answer})
    return {"guess": best, "tries": tries, "history": history}
