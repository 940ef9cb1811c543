"""Product descriptions for a garden shop: facts, draft, then a shorter version for the phone."""

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "properties": {"products": {"type": "array", "maxItems": 20, "items": {"type": "string"}}},
    "required": ["products"],
}
FACTS = {
    "type": "object",
    "properties": {"material": {"type": "string"}, "use": {"type": "string"}},
    "required": ["material", "use"],
}
DRAFT = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "body": {"type": "string"}},
    "required": ["title", "body"],
}


def collect_facts(product):
    return agent(f"State material and use of: {product}", schema=FACTS, label=product)


def write_draft(facts, product):
    return agent(f"Describe {product} ({facts['material']}, for {facts['use']}).", schema=DRAFT)


def shorten(draft):
    return agent(f"Cut to 200 characters: <<{draft['body']}>>", label=draft["title"])


async def draft_all(products):
    return await pipeline(products, collect_facts, write_draft)


async def main(args):
    drafts = await draft_all(args["products"])
    long_enough = lambda draft: draft is not None and len(draft["body"]) > 200
    usable = list(filter(long_enough, drafts))
    short = await pipeline(usable, shorten)
    return {"texts": [text for text in short if text]}
