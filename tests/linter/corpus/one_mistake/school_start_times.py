"""How do school start times differ between regions?"""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {
        "regions": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 14},
        "year": {"type": "integer", "default": 2025},
    },
    "required": ["regions"],
}
TIMES = {
    "type": "object",
    "properties": {"earliest": {"type": "string"}, "latest": {"type": "string"}, "source": {"type": "string"}},
    "required": ["earliest", "latest", "source"],
}
ASK = (
    "Find the official school start times of secondary schools in the region for {year}. "
    "Prefer a ministry's page over a newspaper. Give the earliest and the latest, and the page."
)


def look_up(region, year):
    return agent(ASK.replace("{year}", str(year)), schema=TIMES, label=f"times:{region}", phase=f"Look up {region}")


async def main(args):
    regions, year = args["regions"], args["year"]
    tables = await parallel([look_up(r, year) for r in regions])
    spans = [(t["earliest"], t["latest"], r) for r, t in zip(regions, tables) if t]
    spans.sort()
    text = "; ".join(f"{r}: {a} to {b}" for a, b, r in spans)
    return {"spans": spans, "summary": await agent(f"Describe the pattern in these start times, in one paragraph: {text}")}
