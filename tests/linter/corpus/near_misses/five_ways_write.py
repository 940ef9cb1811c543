"""Five ways to write this abstract; three raters choose."""

from itertools import product

from weft.primitives import agent, parallel

ARGS = {"type": "object", "properties": {"manuscript": {"type": "string"}}, "required": ["manuscript"]}
STYLES = {
    "structured": "under the headings aim, method, result, meaning",
    "narrative": "as one story without headings",
    "numbers first": "with the main estimate and its interval in the first sentence",
    "plain": "for a reader without a degree",
    "cautious": "with limits before results",
}
RATERS = ["an editor", "a statistician", "a patient"]
SCORE = {"type": "object", "properties": {"points": {"type": "integer", "minimum": 0, "maximum": 10}}, "required": ["points"]}


async def main(args):
    texts = await parallel([agent(f"Write the abstract of {args['manuscript']} {how}.", label=s) for s, how in STYLES.items()])
    drafts = {style: text for style, text in zip(STYLES, texts) if text}
    if len(drafts) < 2:
        return {"winner": next(iter(drafts), None), "text": next(iter(drafts.values()), None)}
    ballots = list(product(RATERS, drafts))
    marks = await parallel(
        [
            agent(f"As {who}, give 0 to 10 points to this abstract by our '{style}' writer.\n<abstract>{drafts[style]}</abstract>", schema=SCORE)
            for who, style in ballots
        ]
    )
    points = dict.fromkeys(drafts, 0)
    for (_, style), mark in zip(ballots, marks):
        points[style] += mark["points"] if mark else 0
    winner = max(sorted(points), key=points.get)
    return {"winner": winner, "text": drafts[winner], "points": points}
