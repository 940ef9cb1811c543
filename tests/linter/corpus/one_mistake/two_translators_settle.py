"""Two translators settle on one wording of a motto."""
from weft.primitives import agent

META = {"name": "motto", "description": "Agree on a translation"}
ARGS = {"type": "object", "properties": {"motto": {"type": "string"}}, "required": ["motto"]}
REPLY = {"type": "object", "properties": {"content": {"type": "boolean"}, "wording": {"type": "string"}}, "required": ["content", "wording"]}


async def answer(side, motto, wording):
    ask = f"You translate for {side}. Motto: {motto}. Wording on the table: {wording}. Accept it or give a better one."
    return await agent(ask, schema=REPLY, label=side)


async def main(args):
    wording, open_point, turns = args["motto"], True, 0
    while open_point:
        turns += 1
        side = "sound" if turns % 2 else "sense"
        reply = await answer(side, args["motto"], wording)
        if reply is not None:
            wording = reply["wording"]
            open_point = not reply["content"]
    return {"wording": wording, "turns": turns}
