"""Sixty name ideas for a hiking app, none used twice."""

from weft.primitives import Seen, agent, log, until_target

NAMES = {
    "type": "object",
    "properties": {
        "names": {
            "type": "array",
            "maxItems": 8,
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string", "maxLength": 30}, "reason": {"type": "string"}},
                "required": ["name", "reason"],
            },
        }
    },
    "required": ["names"],
}
WANTED = 60
STYLES = ("short", "Latin", "playful", "made of two words", "from the mountains")


async def brainstorm(style, taken):
    reply = await agent(f"Eight {style} names for a hiking app. The last few were {taken}", schema=NAMES)
    return reply["names"] if reply else []


async def main(args):
    seen = Seen(key=lambda idea: idea["name"].casefold())
    ideas = []
    for turn in until_target(WANTED, max_rounds=len(STYLES)):
        style = STYLES[turn.number - 1]
        fresh = seen.add(await brainstorm(style, [idea["name"] for idea in ideas[-5:]]))
        turn.found(fresh)
        ideas.extend(fresh)
        log(f"{len(ideas)} of {WANTED}")
    return ideas
