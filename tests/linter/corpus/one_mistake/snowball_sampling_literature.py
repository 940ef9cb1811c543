"""Snowball sampling in the literature: start from seed papers and follow the citations."""

from weft.primitives import agent, log

ARGS = {
    "type": "object",
    "properties": {"seeds": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 5}, "topic": {"type": "string"}},
    "required": ["seeds", "topic"],
}
PAPER = {
    "type": "object",
    "properties": {
        "relevant": {"type": "boolean"},
        "n_patients": {"type": "integer"},
        "cites": {"type": "array", "maxItems": 8, "items": {"type": "string"}},
    },
    "required": ["relevant", "n_patients", "cites"],
}


async def main(args):
    frame = list(args["seeds"])
    in_frame = set(frame)
    patients = 0
    included = []
    for doi in frame:
        paper = await agent(f"Read {doi}. Is it about {args['topic']}? How many patients? Which papers on the topic does it cite (DOIs)?", schema=PAPER)
        if paper is None:
            continue
        if not paper["relevant"]:
            continue
        included.append(doi)
        patients = patients + paper["n_patients"]
        for ref in paper["cites"]:
            if ref not in in_frame:
                in_frame.add(ref)
                frame.append(ref)
        log(f"{len(included)} papers, {patients} patients")
    return {"included": included, "patients": patients}
