"""Collect frequently asked questions from a support mailbox over several passes."""

from weft.primitives import agent, log, parallel, phase, until_dry

META = {"name": "faq", "description": "Questions from a mailbox, without repeats"}

ARGS = {
    "type": "object",
    "properties": {"folders": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 10}},
    "required": ["folders"],
}

QUESTIONS = {
    "type": "object",
    "properties": {
        "questions": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {
                    "topic": {"enum": ["billing", "login", "shipping", "returns", "other"]},
                    "question": {"type": "string"},
                    "mail": {"type": "string"},
                },
                "required": ["topic", "question", "mail"],
            },
        }
    },
    "required": ["questions"],
}


async def main(args):
    known = {}
    for round in until_dry(max_rounds=4, patience=1):
        phase(f"Pass {round.number}")
        listed = [entry["question"] for entry in known.values()]
        calls = []
        for folder in args["folders"]:
            calls.append(
                agent(
                    f"Which questions do customers ask in the folder {folder}? Skip these: {listed}",
                    schema=QUESTIONS,
                    label=f"read:{folder}",
                )
            )
        replies = await parallel(calls)

        fresh = []
        for reply in replies:
            if reply is None:
                continue
            for entry in reply["questions"]:
                if id(entry) in known:
                    continue
                known[id(entry)] = entry
                fresh.append(entry)
        round.found(fresh)
        log(f"pass {round.number}: {len(fresh)} new, {len(known)} in all")

    by_topic = {}
    for entry in known.values():
        by_topic.setdefault(entry["topic"], []).append(entry["question"])

    phase("Draft")
    draft = await agent(
        f"Arrange these raw questions, as customers asked them, into a table of contents:\n{by_topic}",
        label="contents",
    )
    return {"questions": by_topic, "contents": draft}
