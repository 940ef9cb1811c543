"""Check the accessibility of a theatre's pages: every page is opened, its faults are weighed, the worst is explained."""

from functools import partial

from weft.primitives import agent, log, pipeline

ARGS = {
    "type": "object",
    "properties": {
        "pages": {"type": "array", "maxItems": 25, "items": {"type": "string"}},
        "careful": {"type": "boolean", "default": False},
    },
    "required": ["pages"],
}
FAULTS = {
    "type": "object",
    "properties": {
        "faults": {
            "type": "array",
            "maxItems": 8,
            "items": {
                "type": "object",
                "properties": {"rule": {"type": "string"}, "level": {"type": "string", "enum": ["A", "AA", "AAA"]}},
                "required": ["rule", "level"],
            },
        }
    },
    "required": ["faults"],
}


class Checker:
    def __init__(self, options):
        self.options = options

    async def open(self, page):
        return await agent(f"Open {page} and list WCAG faults.", schema=FAULTS, **self.options)


def worst(reply, page, index, levels=("A", "AA")):
    faults = sorted((fault["level"], fault["rule"]) for fault in reply["faults"] if fault["level"] in levels)
    return {"page": page, "number": index + 1, "rule": faults[0][1]} if faults else None


async def explain(style, row):
    text = await agent(f"Explain in {style} words how to mend {row['rule']} on {row['page']}.", label=row["page"])
    if text:
        return {**row, "text": text}


async def main(args):
    options = {"effort": "high", "retries": 3} if args["careful"] else {"effort": "low"}
    checker = Checker(options)
    rows = await pipeline(args["pages"], checker.open, worst, partial(explain, "plain"), limit=12)
    kept = [row for row in rows if row]
    log(f"{len(kept)} pages have something to mend")
    return {"rows": kept}
