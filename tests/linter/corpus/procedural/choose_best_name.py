"""Choose the best name for a new tram line from what four authors suggest."""
from weft.primitives import agent, judge, log, parallel, phase

META = {"name": "tram-line-name", "description": "A name for a tram line, chosen by judges"}
ARGS = {
    "type": "object",
    "properties": {"brief": {"type": "string"}, "stops": {"type": "array", "items": {"type": "string"}, "maxItems": 30}},
    "required": ["brief", "stops"],
}
NAMES = {
    "type": "object",
    "properties": {
        "names": {
            "type": "array",
            "maxItems": 6,
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "reason": {"type": "string"}},
                "required": ["name", "reason"],
            },
        }
    },
    "required": ["names"],
}
TASTE = {
    "type": "object",
    "properties": {"offends": {"type": "boolean"}, "why": {"type": "string"}},
    "required": ["offends", "why"],
}
AUTHORS = [
    ("senior copywriter", "puns are welcome"),
    ("local historian", "look at the old maps"),
    ("school class", "what would children like"),
    ("intern", "say it short"),
]


async def main(args):
    phase("Suggest")
    replies = await parallel([agent(f"You are a {who}; {hint}. Suggest names for a tram line. {args['brief']} It stops at {', '.join(args['stops'])}.", schema=NAMES, label=f"suggest:{who}") for who, hint in AUTHORS])
    pool = []
    taken = []
    for (who, hint), reply in zip(AUTHORS, replies):
        if reply is None:
            log(f"the {who} gave nothing")
            continue
        for item in reply["names"]:
            key = item["name"][:1].lower()
            if key in taken:
                continue
            taken.append(key)
            pool.append({"name": item["name"], "reason": item["reason"], "author": who})

    phase("Taste")
    checks = await parallel([agent(f"Could the tram name '{entry['name']}' offend anybody in this town? {args['brief']}", schema=TASTE, label=f"taste:{entry['name']}") for entry in pool])
    clean = []
    dropped = {}
    for entry, answer in zip(pool, checks):
        if answer is None:
            dropped[entry["name"]] = "not checked"
        elif answer["offends"]:
            dropped[entry["name"]] = answer["why"]
        else:
            clean.append(entry)

    phase("Judge")
    if len(clean) == 0:
        return {"ranking": [], "dropped": dropped}
    candidates = []
    for entry in clean:
        candidates.append(f"{entry['name']} (by the {entry['author']}): {entry['reason']}")
    ranking = await judge(candidates, criteria="easy to say, easy to remember, fits the town", judges=3)
    return {"ranking": ranking, "dropped": dropped}
