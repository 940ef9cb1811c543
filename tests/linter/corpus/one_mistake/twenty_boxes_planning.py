"""Twenty boxes from the planning office: who signed what, and who are these people?"""

from functools import reduce

from weft.primitives import agent, log, parallel, pipeline

ARGS = {
    "type": "object",
    "properties": {"boxes": {"type": "array", "items": {"type": "string"}, "maxItems": 20}},
    "required": ["boxes"],
}
SIGNATURES = {
    "type": "object",
    "properties": {
        "signatures": {
            "type": "array",
            "maxItems": 6,
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "sheet": {"type": "string"}},
                "required": ["name", "sheet"],
            },
        }
    },
    "required": ["signatures"],
}


def gather(rows, reply):
    return rows + reply["signatures"] if reply else rows


async def identify(row):
    who = await agent(f"Sheet {row['sheet']} is signed {row['name']}. What was this person's office at the time?", label=row["sheet"])
    return {**row, "office": who} if who else None


async def main(args):
    replies = await parallel([agent(f"List the signatures in box {b}, sheet by sheet.", schema=SIGNATURES, label=b) for b in args["boxes"]])
    rows = reduce(gather, replies, [])
    named = await pipeline(rows, identify)
    log(f"{len(named.lost)} signatures stayed unknown")
    return [n for n in named if n]
