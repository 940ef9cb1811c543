"""Follow acknowledgements from one thesis to the next."""
from weft.primitives import Seen, agent, log

META = {"name": "acknowledgements", "description": "Who thanks whom"}
ARGS = {"type": "object", "properties": {"people": {"type": "array", "maxItems": 12, "items": {"type": "string"}}}, "required": ["people"]}
THANKS = {"type": "object", "properties": {"names": {"type": "array", "maxItems": 5, "items": {"type": "string"}}}, "required": ["names"]}


def enlist(roll, names):
    for name in names:
        roll.append(name)


async def main(args):
    known = Seen(key=str.casefold)
    roll = known.add(args["people"])
    thanked = {}
    for person in roll:
        page = await agent(f"Whom does {person} thank in the thesis?", schema=THANKS, label=person)
        if page is None:
            log(f"No thesis by {person}")
            continue
        thanked[person] = page["names"]
        enlist(roll, known.add(page["names"]))
    return {"thanked": thanked}
