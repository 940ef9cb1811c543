"""Release parcels from the customs hold unless two of three inspectors object."""

from weft.primitives import agent, parallel, pipeline

ARGS = {
    "type": "object",
    "properties": {"parcels": {"type": "array", "maxItems": 15, "items": {"type": "string"}}},
    "required": ["parcels"],
}
OPINION = {
    "type": "object",
    "properties": {"dangerous": {"type": "boolean"}, "why": {"type": "string"}},
    "required": ["dangerous", "why"],
}
VIEWS = ["declared goods against the x-ray", "sender and route", "weight and wrapping"]
ABSENT = {"dangerous": False, "why": "no answer"}


def inspect(parcel, view):
    return agent(f"Parcel {parcel}: is it dangerous? Look at {view}.", schema=OPINION, label=f"{parcel}/{view}")


async def decide(parcel):
    opinions = [opinion or ABSENT for opinion in await parallel([inspect(parcel, view) for view in VIEWS])]
    objections = sum(opinion["dangerous"] for opinion in opinions)
    if objections >= 2:
        return {"parcel": parcel, "released": False, "why": [opinion["why"] for opinion in opinions]}
    return {"parcel": parcel, "released": True, "why": []}


async def main(args):
    decisions = [row for row in await pipeline(args["parcels"], decide) if row]
    return {
        "released": [row["parcel"] for row in decisions if row["released"]],
        "held": [row for row in decisions if not row["released"]],
    }
