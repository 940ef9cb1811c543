"""Which of several abstracts for the same paper should be submitted?"""

from weft.primitives import agent, judge, parallel

META = {"name": "abstract", "description": "Draft three abstracts, rank them blind"}
ARGS = {"type": "object", "properties": {"paper": {"type": "string"}}, "required": ["paper"]}
STYLES = {
    "method first": "Open with what was done, then why.",
    "result first": "Open with the number, then how it was reached.",
    "problem first": "Open with who suffers from the problem today.",
}


async def main(args):
    drafts = await parallel(
        [agent(f"Write an abstract of 150 words for {args['paper']}. {how}", label=f"draft:{style}") for style, how in STYLES.items()]
    )
    by_text = {text: style for style, text in zip(STYLES, drafts) if text}
    if not by_text:
        return {"abstract": None, "why": "no draft came back"}
    ranking = await judge(list(by_text), criteria=["a reviewer understands it", "claims no more than the paper shows"], judges=5)
    return {
        "abstract": ranking[0],
        "style": by_text[ranking[0]],
        "outcome": ranking.outcome,
        "lost": len(drafts.lost),
    }
