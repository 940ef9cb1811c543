"""Date the layers of a lake sediment core from the top down."""

from weft.primitives import agent, log, phase

ARGS = {
    "type": "object",
    "required": ["cores"],
    "properties": {"cores": {"type": "array", "items": {"type": "string"}, "maxItems": 60}},
}
LAYER = {
    "type": "object",
    "required": ["age_years", "basis"],
    "properties": {"age_years": {"type": "integer"}, "basis": {"enum": ["varve", "radiocarbon", "tephra", "guess"]}},
}


async def main(args):
    phase("Date")
    age_above = 0
    timeline = []
    gaps = []
    for position, core in enumerate(args["cores"]):
        layer = await agent(
            f"Date sediment section {core}. The section above it is {age_above} years old, so yours cannot be younger.",
            schema=LAYER,
            label=f"section {position}",
        )
        if layer is None or layer["basis"] == "guess":
            gaps.append(core)
            continue
        if layer["age_years"] < age_above:
            log(f"{core} is inverted")
            gaps.append(core)
            continue
        age_above = layer["age_years"]
        timeline.append({"core": core, "age": age_above, "basis": layer["basis"]})
    return {"timeline": timeline, "gaps": gaps}
