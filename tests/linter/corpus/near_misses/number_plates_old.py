"""Number plates on old photographs: read, look up the district, and number the rows."""

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "properties": {"photos": {"type": "array", "items": {"type": "string"}, "maxItems": 36}},
    "required": ["photos"],
}
PLATE = {
    "type": "object",
    "properties": {"plate": {"type": ["string", "null"]}},
    "required": ["plate"],
}


def read(photo):
    order = 'Read the number plate on {photo}. Without a plate answer {{"plate": null}}.'.format(photo=photo)
    return agent(order, schema=PLATE, label=photo)


def district(reply):
    plate = reply["plate"]
    return agent(f"Which district gave out the plate {plate} before 1940? One word.") if plate else None


def row(name, photo, index):
    return {"number": index + 1, "photo": photo, "district": name}


async def main(args):
    rows = await pipeline(args["photos"], read, district, row)
    return [one for one in rows if one is not None]
