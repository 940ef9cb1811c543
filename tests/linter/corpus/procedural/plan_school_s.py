"""Plan a school's move: which rooms hold what, who packs it, and on which day."""
from weft.primitives import agent, log, parallel, phase

META = {"name": "school-move", "description": "A packing plan for a school that moves"}
ARGS = {
    "type": "object",
    "properties": {"inventory": {"type": "string"}, "days": {"type": "integer", "minimum": 1, "maximum": 10, "default": 5}},
    "required": ["inventory"],
}
ROOMS = {
    "type": "object",
    "properties": {
        "rooms": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "floor": {"type": "integer"}},
                "required": ["name", "floor"],
            },
        }
    },
    "required": ["rooms"],
}
LOAD = {
    "type": "object",
    "properties": {"boxes": {"type": "integer"}, "fragile": {"type": "boolean"}, "hours": {"type": "number"}},
    "required": ["boxes", "fragile", "hours"],
}


async def main(args):
    phase("List rooms")
    listing = await agent(f"List all rooms in {args['inventory']} with their floor.", schema=ROOMS, label="rooms")
    rooms = listing["rooms"]
    log(f"{len(rooms)} rooms")

    phase("Estimate")
    loads = await parallel([agent(f"How much is there to pack in room {room['name']} according to {args['inventory']}?", schema=LOAD, label=f"load:{room['name']}") for room in rooms])
    known = []
    unknown = []
    for room, load in zip(rooms, loads):
        if load is None:
            unknown.append(room["name"])
            continue
        known.append({"room": room["name"], "floor": room["floor"], "boxes": load["boxes"], "hours": load["hours"], "fragile": load["fragile"]})

    phase("Distribute")
    known.sort(key=lambda row: (-row["hours"], row["room"]))
    days = {}
    filled = {}
    for day in range(1, args["days"] + 1):
        days[day] = []
        filled[day] = 0.0
    for row in known:
        best = 1
        for day in days:
            if filled[day] < filled[best]:
                best = day
        days[best].append(row)
        filled[best] += row["hours"]

    phase("Write")
    sheets = {}
    plans = await parallel([agent(f"Write a packing sheet for day {day}: {days[day]}. Fragile things come last.", label=f"sheet:{day}") for day in days])
    for day, plan in zip(days, plans):
        if plan is not None:
            sheets["day " + str(day)] = plan
        else:
            sheets["day " + str(day)] = str(days[day])
    return {"sheets": sheets, "hours": {str(day): filled[day] for day in filled}, "unknown": unknown}
