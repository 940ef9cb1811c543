"""Inventory of a school's rooms before the move: every object once per room."""

from weft.primitives import agent, dedup, parallel, phase

ROOMS = ["library", "lab", "gym", "kitchen"]
LISTED = {
    "type": "object",
    "properties": {
        "objects": {
            "type": "array",
            "maxItems": 20,
            "items": {
                "type": "object",
                "properties": {"tag": {"type": "string"}, "kind": {"type": "string"}, "heavy": {"type": "boolean"}},
                "required": ["tag", "kind", "heavy"],
            },
        }
    },
    "required": ["objects"],
}


def place(room, reply):
    return [{**item, "room": room} for item in (reply or {"objects": []})["objects"]]


async def main(args):
    phase("List")
    pairs = [(room, person) for room in ROOMS for person in ("teacher", "caretaker")]
    replies = await parallel(
        [agent(f"As the {person}, list what stands in the {room}.", schema=LISTED, label=f"{room} {person}") for room, person in pairs]
    )
    everything = []
    for (room, _), reply in zip(pairs, replies):
        everything += place(room, reply)
    once = dedup(everything, key=lambda item: (item["room"], item["tag"]))

    phase("Carry")
    heavy = {}
    for item in once:
        if item["heavy"]:
            heavy.setdefault(item["room"], []).append(item["kind"])
    plans = await parallel([agent(f"How should {', '.join(kinds)} be carried out of the {room}?") for room, kinds in heavy.items()])
    return {"objects": len(once), "plans": dict(zip(heavy, plans))}
