"""Which of the volunteers' remarks concern safety? Only those go to the warden."""

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "properties": {"remarks": {"type": "array", "items": {"type": "string"}, "maxItems": 35}},
    "required": ["remarks"],
}
SORTED = {
    "type": "object",
    "properties": {"remark": {"type": "string"}, "place": {"type": "string"}},
    "required": ["remark", "place"],
}
SAFETY = {"type": "object", "properties": {"safety": {"type": "boolean"}}, "required": ["safety"]}


async def place_of(remark):
    return await agent(f"Which place on the trail does this remark speak of? {remark}", schema=SORTED)


async def concerns_safety(row):
    reply = await agent(f"Is it about safety? {row['place']}: {row['remark']}", schema=SAFETY)
    return bool(reply and reply["safety"])


def for_warden(row):
    return row if concerns_safety(row) else None


async def main(args):
    rows = await pipeline(args["remarks"], place_of, for_warden)
    return sorted(f"{row['place']}: {row['remark']}" for row in rows if row)
