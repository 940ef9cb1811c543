"""Rank nothing, just list: what each vineyard says of its harvest."""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"vineyards": {"type": "array", "items": {"type": "string"}, "maxItems": 12, "uniqueItems": True}},
    "required": ["vineyards"],
}


async def main(args):
    rows = []

    async def ask_one(number, vineyard):
        words = await agent(f"What does the site of {vineyard} say of this year's harvest? Two sentences.")
        rows.append((number, vineyard, words or "no answer"))

    await parallel([ask_one(number, vineyard) for number, vineyard in enumerate(args["vineyards"])])
    rows.sort(key=lambda row: row[0])
    answered = sum(1 for row in rows if row[2] != "no answer")
    return {"harvest": [{"vineyard": v, "words": w} for _, v, w in rows], "answered": answered}
