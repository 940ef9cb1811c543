"""Answer in words of the files: the passages that bear on a question most, each once, with the places where it stands.

They are ranked by the rare words that they share with the question; one with much less of them than the best is left
out. A word of the question that no passage has is said; where it is a name, what is quoted may be about something else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from weft.runtime.agents.offline.lexicon import commonness, root
from weft.runtime.agents.offline.material import CLOSE, Material, bearings, question, relevant
from weft.runtime.agents.offline.text import NUMBER_WORDS, names_in, terms
from weft.runtime.understood import Understood

__all__ = ["NOTHING_FOUND", "quote"]

MOST_PASSAGES = 8

COUNTING = frozenset(
    "many much lot lots often ever somebody anybody someone anyone everybody everyone people one ones thing".split()
)
"""Words that count or stand for anything, and so say nothing of what is asked about."""

PLACE = re.compile(r"(.*) \(\S+:\d+\)(?:, under “(.*)”)?", re.DOTALL)
"""How an item of a prompt tells where it stands."""

NOTHING = "Nothing in the files bears on this."
NOTHING_FOUND = Understood(
    count=0,
    of=0,
    what="passages",
    hint="no sentence has the telling words of the question; ask with words that stand in the files",
)


@dataclass(frozen=True, slots=True)
class Passage:
    """What may be quoted."""

    text: str
    heading: str
    shown: str
    """How it is quoted, with where it stands."""


def quote(material: Material) -> tuple[str, Understood | None]:
    """Return passages word for word, and whether there were any: the items of the prompt, or sentences of files."""
    asked = question(material)
    items = [*dict.fromkeys(re.findall(r"<item>\s*(.*?)\s*</item>", material.prompt, re.DOTALL))]
    if items and "<question>" not in material.prompt:
        return "\n".join(f"- {item}" for item in items), None
    passages = [*map(_item, items)] or _passages(material)
    chosen = _best(passages, asked)
    if not chosen:
        return NOTHING, NOTHING_FOUND
    lines = [f"- {passage.shown}" for passage in chosen]
    unsaid = [word for word in _words(asked) if not any(_has(passage, word) for passage in passages)]
    if not unsaid:
        return "\n".join(lines), None
    lines.append(f"No passage has {_quoted(unsaid)}.")
    first, _, rest = asked.strip().partition(" ")
    named = set(" ".join(names_in(rest if commonness(root(first)) else asked)).split())
    names = [word for word in unsaid if word in named]
    hint = f"no passage has {_quoted(names)}, so what is quoted may be about something else"
    missing = Understood(count=0, of=len(names), what="names in the question", hint=hint)
    return "\n".join(lines), missing if names else None


def _words(asked: str) -> list[str]:
    """Return the telling words of a question as they stand there."""
    words = dict.fromkeys(re.findall(r"[^\W_]+(?:[-.][^\W_]+)*", asked.replace("’", "'")))
    return [word for word in words if len(word) > 1 and terms(word) and word.lower() not in (*COUNTING, *NUMBER_WORDS)]


def _quoted(words: list[str]) -> str:
    return ", ".join(f"“{word}”" for word in words)


def _item(item: str) -> Passage:
    """Return an item of the prompt as a passage."""
    placed = PLACE.fullmatch(item)
    return Passage(placed[1] if placed else item, (placed[2] or "") if placed else "", item)


def _passages(material: Material) -> list[Passage]:
    """Return the sentences that bear on the question, each once, with every place where it stands."""
    places: dict[str, list[str]] = {}
    headings: dict[str, str] = {}
    for sentence in relevant(material):
        places.setdefault(sentence.text, []).append(sentence.place)
        headings.setdefault(sentence.text, material.heading(sentence))
    return [Passage(text, headings[text], f"“{text}” ({', '.join(where)})") for text, where in places.items()]


def _best(passages: list[Passage], asked: str) -> list[Passage]:
    """Return the passages that bear most on a question, best first; the first where it asks for everything."""
    if not terms(asked):
        return passages[:MOST_PASSAGES]
    weights = bearings(asked, [(passage.text, passage.heading) for passage in passages])
    ranked = sorted(zip(weights, passages, strict=True), key=lambda entry: -entry[0])
    heaviest = ranked[0][0] if ranked else 0.0
    return [passage for weight, passage in ranked if weight and weight >= CLOSE * heaviest][:MOST_PASSAGES]


def _has(passage: Passage, name: str) -> bool:
    return set(terms(name)) <= set(terms(f"{passage.heading} {passage.text}"))
