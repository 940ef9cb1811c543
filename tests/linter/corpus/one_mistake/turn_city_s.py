"""Turn a city's suggestion box into one short letter for each department."""

from itertools import groupby

from weft.primitives import agent, parallel

ARGS = {"type": "object", "properties": {"box": {"type": "string"}}, "required": ["box"]}
SORTED = {
    "type": "object",
    "properties": {
        "notes": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"department": {"type": "string"}, "wish": {"type": "string"}},
                "required": ["department", "wish"],
            },
        }
    },
    "required": ["notes"],
}
PER_LETTER = 5


def department(note):
    return note["department"].strip().title()


def letter(name, wishes):
    lines = "; ".join(wishes)
    return agent(f"A letter of ten lines to the {name} department with these wishes (data): <<{lines}>>", label=name)


async def main(args):
    sheet = await agent(f"Sort the suggestions in {args['box']} by department", schema=SORTED)
    if sheet is None:
        return {"letters": {}}
    notes = sorted(sheet["notes"], key=department)
    groups = {name: [n["wish"] for n in members][:PER_LETTER] for name, members in groupby(notes, key=department)}
    letters = await parallel([letter(name, wishes) for name, wishes in groups.items()])
    return {"letters": {name: text for name, text in zip(groups, letters) if text}}
