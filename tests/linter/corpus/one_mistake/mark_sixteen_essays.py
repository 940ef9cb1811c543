"""Mark sixteen essays, each compared with all others of the class."""

from weft.primitives import agent, parallel

ESSAYS = [f"essays/{number:02}.txt" for number in range(1, 17)]
MARK = {
    "type": "object",
    "properties": {"mark": {"type": "integer", "minimum": 1, "maximum": 6}},
    "required": ["mark"],
}


def all_but(index, texts):
    rest = texts[:index] + texts[index + 1 :]
    return "\n---\n".join(text or "(lost)" for text in rest)


async def main(args):
    texts = await parallel([agent(f"Copy the main argument of {path} in full.", label=path) for path in ESSAYS])
    marks = await parallel(
        [
            agent(f"Mark this essay:\n{text}\nIts class wrote:\n{all_but(index, texts)}", schema=MARK, label=ESSAYS[index])
            for index, text in enumerate(texts)
            if text
        ]
    )
    return sorted(mark["mark"] for mark in marks if mark)
