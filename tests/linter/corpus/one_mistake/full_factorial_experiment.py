"""Full factorial experiment: how do wording, order, tone and length of a letter change the answers of synthetic respondents?"""

from itertools import product

from weft.primitives import agent, parallel

WORDING = ["plain", "legal", "warm", "official", "colloquial", "technical", "youth", "easy language"]
ORDER = ["cost first", "benefit first", "deadline first", "story first", "question first"]
TONE = ["neutral", "urgent", "apologetic", "proud", "humorous"]
LENGTH = [60, 120, 180, 240, 300, 360]
ANSWER = {"type": "object", "properties": {"would_reply": {"type": "boolean"}}, "required": ["would_reply"]}


def cell(w, o, t, k):
    return f"You receive a {k} word letter from the tax office; wording {w}, {o}, tone {t}. Would you reply within a week?"


async def main(args):
    design = list(product(WORDING, ORDER, TONE, LENGTH))
    y = await parallel([agent(cell(w, o, t, k), schema=ANSWER, effort="low") for w, o, t, k in design], limit=40)
    main_effect = {}
    for (w, o, t, k), answer in zip(design, y):
        if answer is None:
            continue
        for level in (w, o, t, f"{k} words"):
            n, s = main_effect.get(level, (0, 0))
            main_effect[level] = (n + 1, s + (1 if answer["would_reply"] else 0))
    return {level: s / n for level, (n, s) in main_effect.items()}
