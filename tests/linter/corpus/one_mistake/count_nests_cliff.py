"""Count the nests on a cliff from many photographs; a nest that two photographs show is counted once."""

from operator import itemgetter

from weft.primitives import agent, dedup, parallel

ARGS = {
    "type": "object",
    "properties": {"photos": {"type": "array", "items": {"type": "string"}, "maxItems": 40}},
    "required": ["photos"],
}
NESTS = {
    "type": "object",
    "properties": {
        "nests": {
            "type": "array",
            "maxItems": 25,
            "items": {
                "type": "object",
                "properties": {
                    "sector": {"enum": ["north", "west", "south"]},
                    "species": {"type": "string"},
                    "metres_up": {"type": "number"},
                    "sureness": {"type": "number"},
                },
                "required": ["sector", "species", "metres_up", "sureness"],
            },
        }
    },
    "required": ["nests"],
}
same_nest = itemgetter("sector", "species", "sureness")


def all_nests(replies):
    return [nest for reply in replies if reply for nest in reply["nests"]]


async def main(args):
    replies = await parallel([agent(f"Mark every nest on {photo}.", schema=NESTS) for photo in args["photos"]])
    nests = dedup(all_nests(replies), key=same_nest)
    return {
        sector: sum(1 for nest in nests if nest["sector"] == sector)
        for sector in ("north", "west", "south")
    }
