"""Which of the eleven ingredients of our sauces must not stand beside each other on the line, and in which order do they go?"""

from itertools import combinations, pairwise

from weft.primitives import agent, parallel, phase

INGREDIENTS = [
    "soy", "sesame", "mustard", "celery", "milk", "egg", "peanut", "almond", "wheat", "fish", "lupin",
]
RISK = {
    "type": "object",
    "properties": {"risk": {"type": "integer", "minimum": 0, "maximum": 3}},
    "required": ["risk"],
}


def order(risks):
    line, rest = INGREDIENTS[:1], set(INGREDIENTS[1:])
    while rest:
        best = min(sorted(rest), key=lambda name: risks.get(frozenset((line[-1], name)), 3))
        line.append(best)
        rest.remove(best)
    return line


async def main(args):
    phase("Pairs")
    pairs = list(combinations(INGREDIENTS, 2))
    answers = await parallel([agent(f"Cross-contact risk of {a} beside {b}, 0 to 3?", schema=RISK, label=f"{a}/{b}") for a, b in pairs])
    risks = {frozenset(pair): answer["risk"] for pair, answer in zip(pairs, answers) if answer}
    line = order(risks)
    phase("Cleaning")
    steps = await parallel([agent(f"Cleaning steps on the line between {a} and {b}, in one line.") for a, b in pairwise(line)])
    return {"line": line, "cleaning": [step or "unknown" for step in steps], "unknown_pairs": answers.count(None)}
