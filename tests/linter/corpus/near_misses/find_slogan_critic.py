"""Find a slogan that a critic lets pass; five tries, whatever comes back."""

from weft.primitives import agent

SLOGAN = {"type": "object", "properties": {"slogan": {"type": "string"}}, "required": ["slogan"]}
MARK = {
    "type": "object",
    "properties": {"passes": {"type": "boolean"}, "objection": {"type": "string"}},
    "required": ["passes", "objection"],
}
TRIES = 5


async def main(args):
    tries, last, objection = 0, None, "none yet"
    while True:
        tries += 1
        if tries > TRIES:
            return {"slogan": last, "passed": False}
        offer = await agent(f"Try {tries}: a slogan for the night train. Objection so far: {objection}", schema=SLOGAN)
        if offer is None:
            continue
        last = offer["slogan"]
        mark = await agent(f"Is this slogan short, true and not worn out? {last}", schema=MARK)
        if mark is None:
            continue
        if mark["passes"]:
            return {"slogan": last, "passed": True}
        objection = mark["objection"]
