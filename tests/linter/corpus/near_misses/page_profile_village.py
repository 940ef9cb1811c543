"""A one-page profile of a village from six points of view."""

from weft.primitives import agent, parallel

ARGS = {"type": "object", "properties": {"village": {"type": "string"}}, "required": ["village"]}
VIEWS = ["its history", "its people", "its work", "its school", "its roads", "its festivals"]


async def main(args):
    village = args["village"]
    parts = await parallel([agent(f"Write 80 words on {view} of the village {village}.", label=view) for view in VIEWS])
    written = [f"{view}: {part}" for view, part in zip(VIEWS, parts) if part]
    if len(written) < 4:
        return {"profile": None, "lost": len(VIEWS) - len(written)}
    profile = await agent(f"Make one page on {village} from these notes:\n" + "\n".join(written))
    return {"profile": profile, "lost": len(VIEWS) - len(written)}
