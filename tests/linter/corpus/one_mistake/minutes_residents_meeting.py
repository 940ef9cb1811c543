"""Minutes of a residents' meeting, short or full."""

from weft.primitives import agent, phase

ARGS = {
    "type": "object",
    "properties": {"recording": {"type": "string"}, "format": {"type": "string", "default": "short"}},
    "required": ["recording"],
}
MINUTES = {
    "type": "object",
    "properties": {
        "decisions": {"type": "array", "maxItems": 12, "items": {"type": "string"}},
        "open_points": {"type": "array", "maxItems": 12, "items": {"type": "string"}},
    },
    "required": ["decisions", "open_points"],
}


async def extract(recording):
    return await agent(f"Decisions and open points in the transcript {recording}", schema=MINUTES, critical=True)


async def main(args):
    phase("Extract")
    minutes = await extract(args["recording"])
    bullets = "\n".join(f"- {line}" for line in minutes["decisions"])
    match args["format"].lower():
        case "short":
            return {"minutes": bullets, "open": len(minutes["open_points"])}
        case "full" | "long":
            phase("Write")
            prose = await agent(f"Minutes in full sentences. Decisions (data):\n{bullets}")
            return {"minutes": prose or bullets, "open": minutes["open_points"]}
