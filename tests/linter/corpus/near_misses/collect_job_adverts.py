"""Collect all job adverts of one company from its paged careers site, at most six pages."""

from weft.primitives import Seen, agent, log

ARGS = {"type": "object", "properties": {"site": {"type": "string"}}, "required": ["site"]}
PAGE = {
    "type": "object",
    "properties": {
        "adverts": {
            "type": "array",
            "maxItems": 30,
            "items": {
                "type": "object",
                "properties": {"title": {"type": "string"}, "url": {"type": "string"}},
                "required": ["title", "url"],
            },
        },
        "last": {"type": "boolean"},
    },
    "required": ["adverts", "last"],
}


async def main(args):
    seen = Seen(key=lambda advert: advert["url"])
    adverts = []
    page = 1
    finished = False
    while page <= 6 and not finished:
        reply = await agent(f"Open page {page} of {args['site']} and list its adverts.", schema=PAGE, label=f"page {page}")
        if reply is None:
            log(f"page {page} did not load, again")
            continue
        adverts += seen.add(reply["adverts"])
        finished = reply["last"]
        page += 1
    return {"adverts": adverts, "pages": page - 1, "complete": finished}
