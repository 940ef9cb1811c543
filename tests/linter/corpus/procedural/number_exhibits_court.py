"""Number the exhibits of a court file and describe each in one sentence."""

from weft.primitives import agent, log, phase, pipeline

META = {"name": "exhibits", "description": "Numbered one-sentence descriptions of exhibits"}

ARGS = {
    "type": "object",
    "properties": {
        "exhibits": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 45},
        "first": {"type": "integer", "minimum": 1, "default": 1},
    },
    "required": ["exhibits"],
}

ABOUT = {
    "type": "object",
    "properties": {
        "sentence": {"type": "string", "maxLength": 300},
        "date": {"type": ["string", "null"]},
    },
    "required": ["sentence", "date"],
}


async def main(args):
    first = args.get("first", 1)
    undated = set()
    count = 0

    async def describe(value, exhibit, index):
        nonlocal count
        about = await agent(
            f"Describe the exhibit {exhibit} in one neutral sentence and give its date if it bears one.",
            schema=ABOUT,
            label=f"exhibit:{exhibit}",
        )
        if about is None:
            return None
        count += 1
        number = f"K{first + index}"
        log(f"{number} described")
        if about["date"] is None:
            undated.add(number)
        return {"number": number, "exhibit": exhibit, "sentence": about["sentence"], "date": about["date"]}

    phase("Describe")
    rows = await pipeline(args["exhibits"], describe)

    table = []
    gaps = []
    for index, (exhibit, row) in enumerate(zip(args["exhibits"], rows)):
        if row is None:
            gaps.append({"number": f"K{first + index}", "exhibit": exhibit})
        else:
            table.append(row)

    return {
        "table": table,
        "not_described": gaps,
        "undated": sorted(undated),
        "described": count,
    }
