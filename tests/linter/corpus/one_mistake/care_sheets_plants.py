"""Care sheets for the plants in a school greenhouse."""
from weft.primitives import agent, parallel

META = {"name": "greenhouse", "description": "One care sheet a plant"}
ARGS = {"type": "object", "properties": {"school": {"type": "string"}, "plants": {"type": "array", "maxItems": 12, "items": {"type": "string"}}},
        "required": ["school", "plants"]}


def writer(school):
    task = f"Write a care sheet for a plant in the greenhouse of {school}: light, water, soil, and what pupils may do."

    def sheet(plant):
        return agent(task, label=f"sheet:{plant}", phase=plant[:20])

    return sheet


async def main(args):
    sheet = writer(args["school"])
    plants = list(args["plants"])
    sheets = await parallel([sheet(plant) for plant in plants])
    done = {plant: text for plant, text in zip(plants, sheets) if text}
    return {"sheets": done, "missing": [plant for plant in plants if plant not in done]}
