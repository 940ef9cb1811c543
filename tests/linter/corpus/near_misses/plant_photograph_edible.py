"""Is a plant on a photograph edible, and how is it prepared?"""

from weft.primitives import agent

ARGS = {"type": "object", "properties": {"photo": {"type": "string"}}, "required": ["photo"]}
PLANT = {
    "type": "object",
    "properties": {"species": {"type": "string"}, "sure": {"type": "boolean"}},
    "required": ["species", "sure"],
}
SAFE = {
    "type": "object",
    "properties": {"edible": {"enum": ["yes", "no", "unknown"]}, "lookalikes": {"type": "array", "maxItems": 5, "items": {"type": "string"}}},
    "required": ["edible"],
}


async def main(args):
    plant = await agent(f"Which species is on the photograph {args['photo']}?", schema=PLANT)
    if plant is None or not plant["sure"]:
        return {"edible": "unknown", "why": "the species is not sure"}
    safety = await agent(f"Is the plant on the photograph {args['photo']} safe to eat for an adult? Name lookalikes.", schema=SAFE)
    if safety is None or safety["edible"] != "yes":
        return {"edible": "no", "why": "not shown to be safe", "species": plant["species"]}
    dish = await agent(f"How is {plant['species']} traditionally prepared?")
    return {"edible": "yes", "species": plant["species"], "beware": safety.get("lookalikes", []), "dish": dish}
