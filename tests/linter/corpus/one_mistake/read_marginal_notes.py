"""Read the marginal notes of a manuscript and date the hand of each."""

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "properties": {"leaves": {"type": "array", "items": {"type": "string"}, "maxItems": 50}},
    "required": ["leaves"],
}
HAND = {
    "type": "object",
    "properties": {"century": {"type": "integer"}, "why": {"type": "string"}},
    "required": ["century", "why"],
}
SETTINGS = {"pipeline": {"limit": 1}, "agent": {"effort": "high"}}


def read_margin(leaf):
    return agent(f"Copy the marginal note on leaf {leaf}.", **SETTINGS["agent"])


async def date_hand(note, leaf):
    hand = await agent(f"Date the hand of leaf {leaf}. The note reads: {note}", schema=HAND)
    return {"leaf": leaf, "note": note, "century": hand["century"] if hand else None}


async def main(args):
    rows = await pipeline(args["leaves"], read_margin, date_hand, **SETTINGS["pipeline"])
    return [row for row in rows if row]
