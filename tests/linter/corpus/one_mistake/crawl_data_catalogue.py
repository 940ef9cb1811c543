"""Crawl a data catalogue for undocumented datasets while the money lasts."""

from weft.primitives import Seen, agent, budget, log, phase

ARGS = {"type": "object", "properties": {"catalogue": {"type": "string"}}, "required": ["catalogue"]}
BUDGET = {"usd": 2.0}
DATASETS = {
    "type": "object",
    "properties": {
        "datasets": {
            "type": "array",
            "maxItems": 15,
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "owner": {"type": "string"}},
                "required": ["name", "owner"],
            },
        }
    },
    "required": ["datasets"],
}


async def main(args):
    seen = Seen(key=lambda dataset: dataset["name"])
    found = []
    page = 0
    while budget.remaining("tokens") > 0.25:
        page += 1
        phase(f"Page {page}")
        reply = await agent(f"List undocumented datasets on page {page} of {args['catalogue']}.", schema=DATASETS, label=f"page:{page}")
        if not reply:
            continue
        fresh = seen.add(reply["datasets"])
        found.extend(fresh)
        log(f"page {page}: {len(fresh)} new")
    return {"datasets": found, "pages": page}
