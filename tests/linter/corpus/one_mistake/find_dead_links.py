"""Find dead links in the docs of each product and propose a replacement for every one."""
from functools import reduce

from weft.primitives import agent, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"products": {"type": "array", "items": {"type": "string"}, "maxItems": 16}},
    "required": ["products"],
}
LINKS = {
    "type": "object",
    "properties": {
        "dead": {"type": "array", "maxItems": 9, "items": {
            "type": "object",
            "properties": {"page": {"type": "string"}, "url": {"type": "string"}, "anchor": {"type": "string"}},
            "required": ["page", "url", "anchor"]}},
    },
    "required": ["dead"],
}
REPLACEMENT = {
    "type": "object",
    "properties": {"url": {"type": ["string", "null"]}, "sure": {"type": "boolean"}},
    "required": ["url", "sure"],
}


def crawl(product):
    return agent(f"Follow the links in the documentation of {product} and list the dead ones.", schema=LINKS, label=product)


async def replace(link):
    reply = await agent(
        f"Page {link['page']} links to {link['url']} as '{link['anchor']}', which is gone. Where does that content live now?",
        schema=REPLACEMENT,
        label=link["url"],
    )
    return {**link, "new": reply["url"], "sure": reply["sure"]} if reply else {**link, "new": None, "sure": False}


async def main(args):
    phase("Crawl")
    replies = await parallel([crawl(product) for product in args["products"]])
    links = reduce(lambda acc, reply: [*acc, *(reply["dead"] if reply else [])], replies, [])

    phase("Replace")
    replaced = [r for r in await parallel([replace(link) for link in links]) if r]
    by_page = {}
    for r in replaced:
        by_page.setdefault(r["page"], []).append(r)
    log(f"{len(replaced)} dead links on {len(by_page)} pages")
    return {"pages": by_page, "open": [r["url"] for r in replaced if not r["new"]]}
