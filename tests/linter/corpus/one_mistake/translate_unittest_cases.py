"""Translate unittest cases to pytest style and have each translation reviewed."""

from itertools import islice

from weft.primitives import agent, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"tests": {"type": "array", "items": {"type": "string"}, "maxItems": 60}},
    "required": ["tests"],
}
WIDTH = 6


def waves(items, width):
    rest = iter(items)
    while wave := list(islice(rest, width)):
        yield wave


async def translate(case):
    text = await agent(f"Rewrite the unittest case {case} in pytest style and return the text; change no file.")
    if text is None:
        return {"case": case, "text": None, "review": None}
    review = await agent(f"Does this pytest test check the same as {case}?\n<test>\n{text}\n</test>")
    return {"case": case, "text": text, "review": review}


async def main(args):
    done = []
    for number, wave in enumerate(waves(args["tests"], WIDTH), 1):
        phase(f"Wave {number}")
        done.extend(await parallel([translate(case) for case in wave]))
    return {"translated": [d for d in done if d and d["text"]], "failed": sum(1 for d in done if not (d and d["text"]))}
