"""Fill a crossword clue bank, by letter."""
from weft.primitives import Seen, agent

META = {"name": "clues", "description": "Forty clues about rivers"}
CLUES = {"type": "object", "properties": {"clues": {"type": "array", "maxItems": 10, "items": {
    "type": "object", "properties": {"word": {"type": "string"}, "clue": {"type": "string"}}, "required": ["word", "clue"]}}},
    "required": ["clues"]}


async def main(args):
    bank, seen = {}, Seen(key=lambda c: c["word"].upper())
    step = 0
    while sum(len(group) for group in bank.values()) < 40:
        step += 1
        known = ", ".join(sorted(c["word"] for group in bank.values() for c in group)[:40])
        reply = await agent(f"Batch {step}: ten crossword clues about rivers. Not these words: {known}", schema=CLUES)
        if not reply:
            continue
        for clue in seen.add(reply["clues"]):
            if clue["word"].isalpha() and 4 <= len(clue["word"]) <= 9:
                bank.setdefault(clue["word"][0].upper(), []).append(clue)
    return {"bank": bank, "steps": step}
