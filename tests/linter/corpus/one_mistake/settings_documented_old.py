"""Which settings were documented in the old handbook and vanished from the new one? Explain each loss."""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"old": {"type": "string"}, "new": {"type": "string"}},
    "required": ["old", "new"],
}
SETTINGS = {
    "type": "object",
    "properties": {
        "settings": {
            "type": "array",
            "maxItems": 40,
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "page": {"type": "integer"}},
                "required": ["name", "page"],
            },
        }
    },
    "required": ["settings"],
}


def index(reply):
    return {row["name"]: row["page"] for row in reply["settings"]}


async def main(args):
    before, after = await parallel([agent(f"List the settings documented in {book}.", schema=SETTINGS) for book in (args["old"], args["new"])])
    if before is None or after is None:
        return {"lost": [], "names": [], "complete": False}
    old, new = index(before), index(after)
    gone = old.keys() - new.keys()
    reasons = await parallel([agent(f"Why is the setting {name} (page {old[name]} of {args['old']}) not in {args['new']}?") for name in gone])
    return {"lost": [r for r in reasons if r], "names": gone, "complete": True}
