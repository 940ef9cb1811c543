"""Count the potholes street by street from the citizens' photos."""

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {"streets": {"type": "array", "maxItems": 30, "items": {"type": "string"}}},
    "required": ["streets"],
}
COUNT = {
    "type": "object",
    "properties": {"potholes": {"type": "integer", "minimum": 0}, "deepest_cm": {"type": "integer"}},
    "required": ["potholes", "deepest_cm"],
}


def present(answers):
    kept = []
    for answer in answers:
        if answer is not None:
            kept.append(answer)
    return kept


async def main(args):
    streets = args["streets"]
    counts = present(await parallel([agent(f"Potholes on the photos of {s}", schema=COUNT, label=s) for s in streets]))
    log(f"{len(counts)} of {len(streets)} streets counted")
    rows = []
    for place, count in enumerate(counts):
        if count["potholes"] == 0:
            continue
        rows.append({"street": streets[place], "potholes": count["potholes"], "deepest": count["deepest_cm"]})
    return sorted(rows, key=lambda row: (-row["potholes"], row["street"]))
