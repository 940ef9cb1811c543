"""Caption the clips of a nature archive."""

from weft.primitives import agent, log, pipeline

ARGS = {
    "type": "object",
    "properties": {"clips": {"type": "array", "items": {"type": "string"}, "maxItems": 30}},
    "required": ["clips"],
}
CAPTION = {
    "type": "object",
    "properties": {"animal": {"type": "string"}, "caption": {"type": "string", "maxLength": 90}},
    "required": ["animal", "caption"],
}


def short(caption):
    return caption if caption["animal"].lower() != "none" else None


async def main(args):
    captions = list(filter(None, await pipeline(args["clips"], lambda c: agent(f"Caption the clip {c}.", schema=CAPTION), short)))
    log(f"{len(captions)} clips with an animal")
    index = {}
    for position, caption in enumerate(captions):
        index[args["clips"][position]] = caption["caption"]
    return index
