"""Merge the notes of up to sixteen interviewers into one account, two at a time."""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"notes": {"type": "array", "minItems": 1, "maxItems": 16, "items": {"type": "string"}}},
    "required": ["notes"],
}


async def merge(paths):
    if len(paths) == 1:
        return await agent(f"Summarise the interview notes in {paths[0]} in ten sentences.", label=paths[0])
    half = len(paths) // 2
    left, right = await parallel([merge(paths[:half]), merge(paths[half:])])
    if left is None or right is None:
        return left or right
    return await agent(
        "Merge these two accounts; where they disagree, say so.\n"
        f"<one>{left}</one>\n<two>{right}</two>",
        label=f"merge {len(paths)}",
    )


async def main(args):
    account = await merge(args["notes"])
    return {"account": account, "interviews": len(args["notes"])}
