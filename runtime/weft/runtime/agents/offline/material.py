"""What an agent of the offline model answers from: its prompt, its context and the files it opened.

How an answer is made of it is in `skills` and what that calls.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from weft.runtime.agents.offline.text import Rarity, Sentence, asked_for, stem, terms

__all__ = ["PLACED", "QUOTED", "Material", "option", "question", "relevant"]

QUOTED = ("statement", "claim", "text", "quote", "sentence", "finding", "passage", "excerpt", "what", "description")
"""Names of schema fields that ask for a sentence."""

PLACED = ("source", "file", "path", "document", "where")
"""Names of schema fields that ask for the file in which it stands."""


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


def relevant(material: Material) -> list[Sentence]:
    """Return the sentences that bear on the prompt, in the order in which they stand."""
    asked = asked_for(question(material))
    if not asked:  # it asks about everything
        return list(material.sentences)
    rarity = material.rarity()
    scored = [
        (sum(rarity.of(word) for word in asked & set(terms(sentence.text))), sentence)
        for sentence in material.sentences
    ]
    return [sentence for score, sentence in scored if score > 0]


def question(material: Material) -> str:
    """Return the prompt without the names of files, which are not what it asks about."""
    marked = re.search(r"<question>\s*(.*?)\s*</question>", material.prompt, re.DOTALL)
    text = marked.group(1) if marked else material.prompt
    for path in material.paths:
        text = text.replace(path, " ")
    return text


def option(options: list[Any], text: str) -> Any:
    """Return the option whose own word stands in the text, if exactly one does."""
    words = set(terms(text))
    named = [option for option in options if isinstance(option, str) and stem(option) in words]
    return named[0] if len(named) == 1 else None
