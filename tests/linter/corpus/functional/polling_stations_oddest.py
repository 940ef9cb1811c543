"""Which polling stations have the oddest returns? Explain the five oddest."""

from statistics import mean, pstdev

from weft.primitives import agent, parallel, phase, pipeline

ARGS = {
    "type": "object",
    "properties": {"stations": {"type": "array", "items": {"type": "string"}, "minItems": 3, "maxItems": 80}},
    "required": ["stations"],
}
RETURN = {
    "type": "object",
    "properties": {"voters": {"type": "integer", "minimum": 1}, "invalid": {"type": "integer", "minimum": 0}},
    "required": ["voters", "invalid"],
}

rate = lambda row: row[1]["invalid"] / row[1]["voters"]


def oddness(rows):
    rates = [rate(row) for row in rows]
    centre, spread = mean(rates), pstdev(rates) or 1.0
    return lambda row: abs(rate(row) - centre) / spread


async def main(args):
    phase("Read")
    returns = await parallel([agent(f"Read the return sheet {s}.", schema=RETURN, effort="low", label=f"read:{s}") for s in args["stations"]])
    rows = [row for row in zip(args["stations"], returns) if row[1]]
    if not rows:
        return []
    odd = oddness(rows)
    phase("Explain")
    top = sorted(rows, key=odd, reverse=True)[:5]
    why = await pipeline(
        top,
        lambda row: agent(
            f"At polling station {row[0]}, {row[1]['invalid']} of {row[1]['voters']} ballots were invalid. What do the minutes say about it?",
            label=f"why:{row[0]}",
        ),
    )
    return [{"station": row[0], "oddness": odd(row), "why": text} for row, text in zip(top, why)]
