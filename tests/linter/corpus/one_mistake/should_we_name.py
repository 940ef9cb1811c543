"""Should we name the source's employer in the story? Five editors vote."""

from weft.primitives import agent, log

ARGS = {"type": "object", "properties": {"draft": {"type": "string"}}, "required": ["draft"]}
BALLOT = {
    "type": "object",
    "properties": {"publish": {"type": "boolean"}, "argument": {"type": "string"}},
    "required": ["publish", "argument"],
}
EDITORS = ["news", "legal", "investigations", "readers", "ethics"]


async def main(args):
    minutes = ""
    tally = {"publish": 0, "hold": 0, "absent": 0}
    for editor in EDITORS:
        ballot = await agent(
            f"You are the {editor} editor. Read {args['draft']}. Minutes so far:\n{minutes or '(you speak first)'}\nName the employer, yes or no?",
            schema=BALLOT,
            label=editor,
        )
        if ballot is None:
            tally["absent"] += 1
            continue
        side = "publish" if ballot["publish"] else "hold"
        tally[side] += 1
        minutes += f"{editor}: {side}. {ballot['argument']}\n"
    log(minutes)
    return {"decision": "publish" if tally["publish"] >= 3 else "hold", "tally": tally}
