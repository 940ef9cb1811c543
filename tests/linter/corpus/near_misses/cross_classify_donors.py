"""Cross-classify donors by region and check each region that occurs for a legal cap on donations."""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"ledgers": {"type": "array", "items": {"type": "string"}, "maxItems": 10}},
    "required": ["ledgers"],
}
DONORS = {
    "type": "object",
    "properties": {"regions": {"type": "array", "maxItems": 12, "items": {"type": "string"}}},
    "required": ["regions"],
}
CAP = {"type": "object", "properties": {"cap_eur": {"type": "integer"}}, "required": ["cap_eur"]}
EXEMPT = {"overseas", "unknown"}


async def main(args):
    replies = await parallel([agent(f"Which regions do the donors in {f} come from?", schema=DONORS) for f in args["ledgers"]])
    regions = set()
    for r in replies:
        if r is not None:
            regions |= {x.strip().lower() for x in r["regions"]}
    regions = regions - EXEMPT
    n_regions = len(regions)
    order = sorted(regions)
    caps = await parallel([agent(f"What is the legal cap on donations in {region}, in EUR a year?", schema=CAP) for region in order])
    table = {}
    for region, cap in zip(order, caps):
        table[region] = cap["cap_eur"] if cap is not None else None
    return {"n_regions": n_regions, "caps": table}
