"""Proverbs about bread from many regions, each one once, until three rounds bring nothing new."""

from weft.primitives import agent, parallel, until_dry

PROVERBS = {
    "type": "object",
    "properties": {
        "proverbs": {
            "type": "array",
            "maxItems": 6,
            "items": {
                "type": "object",
                "properties": {"number": {"type": "integer"}, "language": {"type": "string"}},
                "required": ["number", "language"],
            },
        }
    },
    "required": ["proverbs"],
}
REAL = {"type": "object", "properties": {"about_bread": {"type": "boolean"}}, "required": ["about_bread"]}


async def main(args):
    judged: dict[tuple, bool] = {}
    for turn in until_dry(max_rounds=5, patience=1):
        reply = await agent(f"Turn {turn.number}: proverbs about bread by their number in the handbook.", schema=PROVERBS)
        offered = {(one["language"], one["number"]): one for one in (reply["proverbs"] if reply else [])}
        fresh = [key for key in offered if key not in judged]
        marks = await parallel(
            [agent(f"Open the {language} handbook: is proverb {number} about bread?", schema=REAL) for language, number in fresh]
        )
        for key, mark in zip(fresh, marks):
            judged[key] = bool(mark and mark["about_bread"])
        turn.found(fresh)
    return [f"{language} {number}" for (language, number), right in sorted(judged.items()) if right]
