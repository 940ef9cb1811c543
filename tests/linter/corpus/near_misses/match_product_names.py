"""Match the product names of two catalogues and keep what two of three matchers agree on."""

from collections import Counter

from weft.primitives import agent, log, parallel, phase, pipeline

ARGS = {
    "type": "object",
    "properties": {"products": {"type": "array", "items": {"type": "string"}, "maxItems": 60}, "catalogue": {"type": "string"}},
    "required": ["products", "catalogue"],
}
MATCH = {
    "type": "object",
    "properties": {"sku": {"type": "string"}, "sure": {"type": "boolean"}},
    "required": ["sku", "sure"],
}
VIEWS = ["by its name", "by its measurements", "by its use"]


async def match(product, catalogue):
    answers = await parallel(
        [agent(f"Find the product that is the same as '{product}' in {catalogue}; compare {view}.", schema=MATCH, label=f"{product}:{view}") for view in VIEWS]
    )
    votes = Counter(answer["sku"] for answer in answers if answer and answer["sure"])
    if not votes:
        return {"product": product, "sku": None, "votes": 0}
    sku, count = votes.most_common(1)[0]
    return {"product": product, "sku": sku if count >= 2 else None, "votes": count}


async def main(args):
    phase("Match")
    rows = await pipeline(args["products"], lambda product: match(product, args["catalogue"]))
    matched = [row for row in rows if row and row["sku"]]
    log(f"{len(matched)} of {len(args['products'])} matched")
    return {"matched": matched, "open": [row["product"] for row in rows if row and not row["sku"]]}
