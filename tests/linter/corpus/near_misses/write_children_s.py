"""Write a children's recipe card that a food-safety reader accepts."""

from weft.primitives import agent, log

ARGS = {"type": "object", "properties": {"dish": {"type": "string"}}, "required": ["dish"]}
VERDICT = {
    "type": "object",
    "properties": {"accept": {"type": "boolean"}, "wish": {"type": "string", "maxLength": 200}},
    "required": ["accept", "wish"],
}


async def main(args):
    wish = "none"
    card = None
    attempt = 0
    while True:
        attempt += 1
        card = await agent(f"Write a recipe card for {args['dish']} that a child of eight can follow. Reader's wish: {wish}") or card
        if card is None:
            if attempt >= 4:
                return {"card": None, "accepted": False, "attempts": attempt}
            continue
        verdict = await agent(f"As a food-safety reader, judge this card:\n<card>{card}</card>", schema=VERDICT)
        if verdict and verdict["accept"]:
            return {"card": card, "accepted": True, "attempts": attempt}
        if attempt >= 4:
            log("no card was accepted")
            return {"card": card, "accepted": False, "attempts": attempt}
        wish = verdict["wish"] if verdict else wish
