"""Put the herbarium labels of a museum on the map."""

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "properties": {"labels": {"type": "array", "items": {"type": "string"}, "maxItems": 60}},
    "required": ["labels"],
}
LABEL = {
    "type": "object",
    "properties": {"species": {"type": "string"}, "place": {"type": "string"}, "legible": {"type": "boolean"}},
    "required": ["species", "place", "legible"],
}
POINT = {
    "type": "object",
    "properties": {"lat": {"type": "number"}, "lon": {"type": "number"}},
    "required": ["lat", "lon"],
}


def tidy(label):
    return {**label, "species": " ".join(label["species"].split()).capitalize()}


async def locate(label):
    point = await agent(f"Where is “{label['place']}”, as written on an old herbarium label?", schema=POINT)
    return {**label, **point} if point else None


async def main(args):
    read = await pipeline(args["labels"], lambda scan: agent(f"Transcribe the label in {scan}.", schema=LABEL), tidy)
    legible = list(filter(lambda label: label is not None and label["legible"], read))
    placed = await pipeline(legible, locate)
    return [label for label in placed if label]
