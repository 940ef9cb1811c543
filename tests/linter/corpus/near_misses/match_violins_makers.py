"""Match violins with makers by their labels."""
from weft.primitives import agent, parallel

META = {"name": "violins", "description": "Maker of each violin"}
ARGS = {"type": "object", "properties": {"violins": {"type": "array", "maxItems": 12, "items": {"type": "string"}}}, "required": ["violins"]}
MAKER = {"type": "object", "properties": {"maker": {"type": "string"}, "town": {"type": "string"}}, "required": ["maker", "town"]}


async def main(args):
    replies = await parallel([agent(f"Read the label inside violin {v}: maker and town?", schema=MAKER) for v in args["violins"]])
    mask = [reply is not None for reply in replies]
    violins = [violin for violin, good in zip(args["violins"], mask) if good]
    makers = [reply for reply in replies if reply is not None]
    rows = []
    for violin, maker in zip(violins, makers):
        rows.append(f"{violin}: {maker['maker']}, {maker['town']}")
    return {"rows": rows, "unread": mask.count(False)}
