"""Tune the wording of a survey question until the panel of readers understands it in one way only."""

from weft.primitives import agent, log, parallel, phase

META = {"name": "survey-wording", "description": "Revise a survey question with reader feedback"}

ARGS = {
    "type": "object",
    "properties": {"question": {"type": "string"}},
    "required": ["question"],
}

READING = {
    "type": "object",
    "properties": {
        "meaning": {"type": "string"},
        "ambiguous": {"type": "boolean"},
    },
    "required": ["meaning", "ambiguous"],
}

READERS = ["a pensioner", "a nurse on night shift", "a student who learned the language last year"]


async def main(args):
    """Ask readers, revise with what they said, and stop after five attempts at the latest."""
    wording = args["question"]
    attempt = 0
    settled = False
    while not settled:
        attempt += 1
        if attempt > 5:
            break
        phase(f"Attempt {attempt}")
        readings = await parallel(
            [agent(f"You are {r}. What does this question ask you?\n{wording}", schema=READING, label=f"read:{r}") for r in READERS]
        )
        heard = [reading for reading in readings if reading]
        settled = len(heard) == len(READERS) and not any(reading["ambiguous"] for reading in heard)
        if settled:
            continue
        meanings = [reading["meaning"] for reading in heard]
        log(f"attempt {attempt}: {meanings}")
        revised = await agent(
            f"Reword so that it can be read in one way only.\nQuestion: {wording}\nReaders understood: {meanings}",
            label=f"revise:{attempt}",
        )
        wording = revised or wording
    return {"wording": wording, "settled": settled, "attempts": min(attempt, 5)}
