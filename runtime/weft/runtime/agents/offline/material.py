"""What an agent of the offline model answers from: its prompt, its context and the files it opened.

How an answer is made of it is in `skills` and what that calls.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from weft.runtime.agents.offline.asked import own_words
from weft.runtime.agents.offline.beyond import compares, everything, without_triggers
from weft.runtime.agents.offline.text import Rarity, Sentence, asked_for, stem, terms

__all__ = ["CLOSE", "PLACED", "QUOTED", "Material", "bearings", "best", "option", "question", "question_of", "relevant"]

QUOTED = ("statement", "claim", "text", "quote", "sentence", "finding", "passage", "excerpt", "what", "description")
"""Names of schema fields that ask for a sentence."""

PLACED = ("source", "file", "path", "document", "where")
"""Names of schema fields that ask for the file in which it stands."""


DOCUMENTS = ("md", "markdown", "txt", "mdx")
"""Endings of files in which a line that begins with `#` is a heading; in code it is a comment."""

_UNITS = r"(?:second|minute|hour|day|week|month|quarter|year)s?"
_MONTHS = r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
_WEEKDAYS = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?)"
ANSWERS = tuple(
    (re.compile(asks, re.IGNORECASE), re.compile(answer, re.IGNORECASE))
    for asks, answer in (
        (r"\bhow (?:long|often)\b", rf"\b{_UNITS}\b|\b(?:daily|weekly|monthly|yearly|nightly|hourly)\b"),
        (
            r"\bwhen\b|\bwhat (?:time|date|day)\b|\b(?:which|what) (?:day|date|month|year)\b",
            rf"\d:\d\d|\b\d{{4}}\b|\b{_MONTHS}\b|\b{_WEEKDAYS}\b|\b{_UNITS}\b|\b(?:noon|midnight)\b",
        ),
        (r"\bhow (?:much|many)\b|\b(?:price|cost|number|version|port)s?\b", r"\d"),
    )
)
"""What a question asks for by its form, and how a text looks that has it."""

ANSWERING = 1.5
"""How much more a text counts that has it."""

CLOSE = 0.5
"""How much of the best passage's weight another must have to stand beside it."""


@dataclass(frozen=True, slots=True)
class Material:
    """What an agent has to answer from."""

    prompt: str
    context: Any
    sentences: tuple[Sentence, ...]
    """Of the files it opened."""
    lines: dict[str, dict[int, str]]
    """The files it opened, line by line."""
    subjects: dict[str, str | None]
    """The name that each file it opened is about, where there is one."""
    paths: tuple[str, ...]
    """Every file there is."""

    def rarity(self) -> Rarity:
        """Return how much words say in the opened files."""
        return Rarity(terms(sentence.text) for sentence in self.sentences)

    def is_quoted(self, sentence: Sentence) -> bool:
        """Whether a sentence stands in lines that quote somebody else, as the earlier part of a mail."""
        return self.lines.get(sentence.source, {}).get(sentence.line, "").lstrip().startswith(">")

    def heading(self, sentence: Sentence) -> str:
        """Return the headings under which a sentence stands, outermost first, in a document; in code there are none."""
        if sentence.source.rpartition(".")[2] not in DOCUMENTS:
            return ""
        found: list[str] = []
        level = 7
        for number in range(sentence.line - 1, 0, -1):
            heading = re.match(r"(#{1,6})\s+(\S.*)", self.lines.get(sentence.source, {}).get(number, ""))
            if heading and len(heading[1]) < level:
                level = len(heading[1])
                found.insert(0, heading[2].strip())
        return " › ".join(found)


def best(found: list[Sentence], most: int, material: Material) -> list[Sentence]:
    """Return as many sentences as are wanted, in their order: those that share most of the question's rare words.

    Of a question without any, the first; and none that has much less of them than the best.
    """
    weight = weights(found, material)
    heaviest = max(weight.values(), default=0.0)
    close = [sentence for sentence in found if weight[sentence] >= CLOSE * heaviest]
    kept = set(sorted(close, key=lambda sentence: -weight[sentence])[:most])
    return [sentence for sentence in found if sentence in kept]


def weights(found: list[Sentence], material: Material) -> dict[Sentence, float]:
    """Return how much each sentence bears on the question."""
    said = [(sentence.text, material.heading(sentence)) for sentence in found]
    return dict(zip(found, bearings(question(material), said), strict=True))


def bearings(asked: str, said: Sequence[tuple[str, str]]) -> list[float]:
    """Return how much texts bear on a question, each given with its heading: by the rare words that they share with it.

    Rare is what few of them have. Words of the heading count half. A text with what the question asks for, as a time
    where it says "when", counts more.
    """
    wanted, words = set(terms(asked)), [(set(terms(text)), set(terms(heading))) for text, heading in said]
    rarity = Rarity(text | heading for text, heading in words)
    answers = next((pattern for asks, pattern in ANSWERS if asks.search(asked)), None)
    found = []
    for (text, heading), (whole, _) in zip(words, said, strict=True):
        weight = sum(rarity.of(word) for word in wanted & text)
        weight += sum(rarity.of(word) for word in (wanted & heading) - text) / 2
        found.append(weight * ANSWERING if answers and answers.search(whole) else weight)
    return found


def relevant(material: Material) -> list[Sentence]:
    """Return the sentences that bear on the prompt, in the order in which they stand."""
    asked = asked_for(question(material))
    if not asked:  # it asks about everything
        return list(material.sentences)
    rarity = material.rarity()
    scored = [
        (sum(rarity.of(word) for word in asked & set(terms(f"{sentence.text} {material.heading(sentence)}"))), sentence)
        for sentence in material.sentences
    ]
    return [sentence for score, sentence in scored if score > 0]


def question_of(prompt: str) -> str:
    """Return what a prompt asks about: the question that is marked in it, or all of it.

    All there is, but for a topic named in the question, is wanted by a prompt that does not speak of the question which
    it hands over ("list its main points", for who asked to summarise what is said about holidays), and by a question
    for contradictions: "do the minutes contradict the plan" is about whatever either says.
    """
    marked = re.search(r"<question>\s*(.*?)\s*</question>", prompt, re.DOTALL)
    if marked is None:
        return prompt
    if re.search(r"\bquestion\b", own_words(prompt), re.IGNORECASE) and not compares(marked.group(1)):
        return marked.group(1)
    topic = re.search(r"\b(?:about|regarding|concerning|on|over|with regard to)\s+(.*)", marked.group(1), re.DOTALL)
    return topic.group(1) if topic else ""


def question(material: Material) -> str:
    """Return the question without what is no part of what it asks about: names of files, and what is to be done."""
    text = question_of(material.prompt)
    for path in material.paths:
        text = text.replace(path, " ")
    text = without_triggers(text)
    return text if set(terms(text)) - set(terms(" ".join(everything()))) else ""


def option(options: list[Any], text: str) -> Any:
    """Return the option whose own word stands in the text, if exactly one does."""
    words = set(terms(text))
    named = [option for option in options if isinstance(option, str) and stem(option) in words]
    return named[0] if len(named) == 1 else None
