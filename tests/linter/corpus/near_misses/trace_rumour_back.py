"""Trace a rumour back through those who told it."""
from weft.primitives import Seen, agent, log, parallel

META = {"name": "rumour", "description": "Who told whom"}
ARGS = {"type": "object", "properties": {"rumour": {"type": "string"}, "teller": {"type": "string"}}, "required": ["rumour", "teller"]}
TOLD = {"type": "object", "properties": {"from": {"type": "array", "maxItems": 4, "items": {"type": "string"}}}, "required": ["from"]}


def ask_who(rumour, teller):
    return agent(f"From whom did {teller} hear that {rumour}?", schema=TOLD, label=teller)


async def main(args):
    met = Seen(key=str.casefold)
    wave, steps, links = met.add([args["teller"]]), 0, {}
    while wave and steps < 4:
        steps += 1
        now_asked, later = wave[:6], wave[6:]
        if later:
            log(f"Left out: {', '.join(later)}")
        replies = await parallel([ask_who(args["rumour"], teller) for teller in now_asked])
        links.update({teller: reply["from"] for teller, reply in zip(now_asked, replies) if reply})
        wave = met.add(name for reply in replies if reply for name in reply["from"])
    return {"links": links, "steps": steps}
