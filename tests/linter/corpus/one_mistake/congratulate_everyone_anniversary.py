"""Congratulate everyone on the anniversary list."""

from weft.primitives import agent, log, pipeline

CARD = {
    "type": "object",
    "properties": {"greeting": {"type": "string"}, "body": {"type": "string"}},
    "required": ["greeting", "body"],
}


class Office:
    def __init__(self, args):
        self.firm = args.get("firm", "the firm")
        self.people = args.get("people", [])

    async def card(self, person):
        card = await agent(f"An anniversary card from {self.firm} for {person}", schema=CARD, label=person)
        if card is None:
            return None
        return {"person": person, "card": card["greeting"] + "\n" + card["body"]}

    async def all_cards(self):
        return await pipeline(self.people, self.card)


async def main(args):
    office = Office(args)
    cards = [card for card in await office.all_cards() if card]
    log(f"{len(cards)} cards written")
    return {"cards": cards}
