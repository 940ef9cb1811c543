"""What does the order cost in the end? One agent reads the order form, the rest is sums."""

from weft.primitives import agent, log

ARGS = {"type": "object", "properties": {"form": {"type": "string"}}, "required": ["form"]}
ORDER = {
    "type": "object",
    "properties": {
        "lines": {
            "type": "array",
            "maxItems": 60,
            "items": {
                "type": "object",
                "properties": {
                    "article": {"type": "string"},
                    "cents": {"type": "integer"},
                    "pieces": {"type": "integer"},
                    "kind": {"enum": ["goods", "rebate"]},
                    "percent": {"type": "integer"},
                },
                "required": ["article", "cents", "pieces", "kind"],
            },
        }
    },
    "required": ["lines"],
}


def rebate(lines):
    return sum(line["percent"] if line["kind"] == "rebate" else 0 for line in lines)


def goods(lines):
    return sum(line["cents"] * line["pieces"] for line in lines if line["kind"] == "goods")


async def main(args):
    order = await agent(f"Copy all lines of the order form {args['form']}.", schema=ORDER)
    if order is None:
        return {"cents": None}
    off = min(rebate(order["lines"]), 100)
    log(f"{off} percent off")
    return {"cents": goods(order["lines"]) * (100 - off) // 100}
