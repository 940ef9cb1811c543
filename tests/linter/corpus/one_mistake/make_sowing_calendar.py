"""Make a sowing calendar for a seed merchant."""

from itertools import product

from weft.primitives import agent, parallel

ARGS = {"type": "object", "properties": {"year": {"type": "integer"}}, "required": ["year"]}
REGIONS = ["coast", "marsh", "heath", "loess plain", "low mountains", "alpine foothills", "alps"]
CROPS = "kale leek carrot beet spinach bean pea lettuce onion radish chard fennel turnip parsnip".split()
ADVICE = {
    "type": "object",
    "properties": {"what": {"enum": ["sow", "plant out", "tend", "harvest", "nothing"]}, "hint": {"type": "string", "maxLength": 120}},
    "required": ["what", "hint"],
}


async def main(args):
    cells = list(product(REGIONS, CROPS, range(1, 13)))
    advice = await parallel(
        [
            agent(f"{args['year']}, month {month}, {region}: what is there to do for {crop}?", schema=ADVICE, effort="low")
            for region, crop, month in cells
        ]
    )
    return [
        {"region": region, "crop": crop, "month": month, **cell}
        for (region, crop, month), cell in zip(cells, advice)
        if cell and cell["what"] != "nothing"
    ]
