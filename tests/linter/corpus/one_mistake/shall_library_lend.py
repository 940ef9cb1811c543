"""Shall the library lend out this donated manuscript?"""

from weft.primitives import agent, phase

ARGS = {"type": "object", "properties": {"manuscript": {"type": "string"}}, "required": ["manuscript"]}
BALLOT = {
    "type": "object",
    "properties": {"lend": {"type": "boolean"}, "reason": {"type": "string", "maxLength": 300}},
    "required": ["lend", "reason"],
}
JURY = ["conservator", "lawyer", "historian", "reader", "insurer"]


async def main(args):
    phase("Vote")
    minutes, yes = "", 0
    for juror in JURY:
        ballot = await agent(f"As the {juror}: lend out {args['manuscript']}?\nMinutes of the meeting:\n{minutes or '(empty)'}", schema=BALLOT)
        if ballot is None:
            continue
        minutes += f"{juror}: {ballot['reason']}\n"
        yes += ballot["lend"]
    return {"lend": yes >= 3, "yes": yes, "minutes": minutes}
