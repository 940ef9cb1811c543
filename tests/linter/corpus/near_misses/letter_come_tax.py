"""A letter has come from the tax office: what kind is it, and what must be done by when?"""

from weft.primitives import agent, log, parallel, phase

ARGS = {"type": "object", "properties": {"letter": {"type": "string"}}, "required": ["letter"]}
KIND = {
    "type": "object",
    "properties": {"kind": {"type": "string", "enum": ["demand", "refund", "question", "advert"]}, "date": {"type": "string"}},
    "required": ["kind", "date"],
}


async def main(args):
    path = args["letter"]
    phase("Open")
    kind, _ = await parallel(
        [
            agent(f"What kind of letter is {path}?", schema=KIND),
            agent(f"Copy {path} into the folder of this year.", tools=["copy_file"]),
        ]
    )
    match kind:
        case None:
            log("unreadable")
            return {"kind": None, "todo": ["open the letter yourself"]}
        case {"kind": "demand", "date": date}:
            amount, appeal = await parallel(
                [
                    agent(f"How much is demanded in {path}, and is it due a month from {date}?"),
                    agent(f"Could one appeal against {path}, and until when after {date}?"),
                ]
            )
            return {"kind": "demand", "todo": [line for line in (amount, appeal) if line]}
        case {"kind": "question"}:
            draft = await agent(f"Draft an answer to {path}.")
            better = await agent(f"Make this letter shorter:\n<letter>{draft}</letter>") if draft else None
            return {"kind": "question", "todo": [better or draft or "answer it yourself"]}
        case other:
            return {"kind": other["kind"], "todo": []}
