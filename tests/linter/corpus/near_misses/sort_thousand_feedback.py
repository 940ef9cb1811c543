"""Sort a thousand feedback cards; twenty-five cards fit into one question."""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"cards": {"type": "array", "items": {"type": "string", "maxLength": 200}, "maxItems": 1000}},
    "required": ["cards"],
}
SIZE = 25
MOODS = {
    "type": "object",
    "properties": {"angry": {"type": "array", "maxItems": 25, "items": {"type": "integer"}}},
    "required": ["angry"],
}


def numbered(cards, start):
    return "\n".join(f"{number}. {card}" for number, card in enumerate(cards, start))


async def main(args):
    cards = args["cards"]
    starts = list(range(0, len(cards), SIZE))
    replies = await parallel(
        [agent(f"Which of these cards are angry?\n{numbered(cards[start:start + SIZE], start)}", schema=MOODS) for start in starts]
    )
    angry = []
    for start, reply in zip(starts, replies):
        for number in reply["angry"] if reply else ():
            if start <= number < min(start + SIZE, len(cards)):
                angry.append(cards[number])
    return {"angry": angry, "unread": sum(1 for reply in replies if reply is None) * SIZE}
