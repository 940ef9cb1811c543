"""Six short radio pieces for the morning programme."""

from weft.primitives import agent, parallel, phase

TOPICS = ["tides", "lighthouses", "sea fog", "ferries", "salt", "gulls"]
PIECE = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "script": {"type": "string"}},
    "required": ["title", "script"],
}


def prompt_for(topic, minutes):
    return f"Write a radio piece of {minutes} minutes about {topic}, for listeners who have just woken up."


async def branches(topics, minutes):
    """One branch for every topic."""
    made = []
    for topic in topics:
        made.append(await agent(prompt_for(topic, minutes), schema=PIECE, label=topic))
    return made


async def main(args):
    phase("Write")
    pieces = await parallel(await branches(TOPICS, 3))
    return [piece["title"] + "\n" + piece["script"] for piece in pieces if piece]
