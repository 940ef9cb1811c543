"""Which gene–trait associations do these papers report?"""

from weft.primitives import agent, dedup, log, parallel

ARGS = {
    "type": "object",
    "properties": {"papers": {"type": "array", "items": {"type": "string"}, "maxItems": 35}},
    "required": ["papers"],
}
LINKS = {
    "type": "object",
    "properties": {
        "links": {
            "type": "array",
            "maxItems": 12,
            "items": {
                "type": "object",
                "properties": {"gene": {"type": "string"}, "trait": {"type": "string"}, "effect": {"type": "number"}},
                "required": ["gene", "trait", "effect"],
            },
        }
    },
    "required": ["links"],
}


async def main(args):
    read = await parallel([agent(f"Extract gene–trait associations from {doi}, with the effect.", schema=LINKS) for doi in args["papers"]])
    links = [{**link, "paper": doi} for doi, reply in zip(args["papers"], read) if reply for link in reply["links"]]
    unique = dedup(links, key=lambda link: f"{link['gene'].upper()}/{link['trait'].casefold()}/{link['effect']:.1f}")
    log(f"{len(links)} reported, {len(unique)} different")
    return sorted(unique, key=lambda link: (link["gene"], link["trait"]))
