"""The tip line: read each mail, then follow up on what it asks for."""

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "properties": {"mails": {"type": "array", "items": {"type": "string"}, "maxItems": 25}},
    "required": ["mails"],
}
TIP = {
    "type": "object",
    "properties": {"serious": {"type": "boolean"}, "topic": {"type": "string"}, "next_step": {"type": "string"}},
    "required": ["serious", "topic", "next_step"],
}


def read(path):
    return agent(f"Read the mail {path}. Is it a serious tip, on what, and what should the desk do next?", schema=TIP, tools=["read_file"])


def keep(tip):
    return tip if tip["serious"] else None


async def follow(tip):
    step = tip["next_step"].strip()
    report = await agent(step, tools=["bash", "send_mail"], label=f"follow:{tip['topic']}")
    return {"topic": tip["topic"], "step": step, "report": report}


async def main(args):
    followed = await pipeline(args["mails"], read, keep, follow)
    topics = ", ".join(sorted({f["topic"] for f in followed if f}))
    agent(f"Tell the desk by mail that these topics were followed up: {topics}", tools=["send_mail"], label="notify")
    return [f for f in followed if f]
