"""Collect trail names for a park map that a ranger panel lets pass."""
from weft.primitives import agent, parallel, verify

META = {"name": "trails", "description": "Trail names that hold"}
ARGS = {"type": "object", "properties": {"park": {"type": "string"}}, "required": ["park"]}
NAMES = {"type": "object", "properties": {"trails": {"type": "array", "maxItems": 6, "items": {
    "type": "object", "properties": {"trail": {"type": "string"}, "start": {"type": "string"}}, "required": ["trail", "start"]}}},
    "required": ["trails"]}
LENSES = ["an old map shows it", "the start is right", "the park office uses it"]


def slot(row):
    return row["trail"].strip().lower()


async def main(args):
    accepted = {}
    for attempt in range(1, 5):
        reply = await agent(f"Attempt {attempt}: name trails in {args['park']} beyond {sorted(accepted)}", schema=NAMES)
        if reply is None:
            continue
        batch = {slot(row): row for row in reply["trails"] if slot(row) not in accepted}
        verdicts = await parallel([verify(row, lenses=LENSES) for row in batch.values()])
        for (name, row), verdict in zip(batch.items(), verdicts):
            if verdict and verdict["survives"]:
                accepted[name] = row
    return {"trails": list(accepted.values())}
