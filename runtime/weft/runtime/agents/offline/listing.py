"""List the sentences of files that bear on a question, each as a record in the form that a schema asks for."""

from __future__ import annotations

from typing import Any

from weft.runtime.agents.offline.material import PLACED, QUOTED, Material, option
from weft.runtime.agents.offline.readings import read
from weft.runtime.agents.offline.text import Sentence, files_called, names_in

__all__ = ["ABOUT", "NAMED", "record", "telling"]

NAMED = ("system", "name", "entity", "component")
"""Names of schema fields that ask for the name of what a sentence is about."""

ABOUT = ("subject", "topic", "about")
"""Names of schema fields that ask for what a sentence is about in any words."""


def telling(found: list[Sentence], most: int) -> list[Sentence]:
    """Return as many sentences as are wanted, in their order: those first that say what another could contradict."""
    kept = set(sorted(found, key=lambda sentence: not _is_definite(sentence))[:most])
    return [sentence for sentence in found if sentence in kept]


def _is_definite(sentence: Sentence) -> bool:
    """Whether a sentence says something that another could contradict."""
    said = read(sentence.text, sentence.context)
    return bool(said.values or said.sides or said.phrases or said.denies or said.obliges or said.permits)


def record(items: dict[str, Any], sentence: Sentence, material: Material) -> dict[str, Any] | None:
    """Return a sentence in the form that the schema asks for; `None` where a field that it requires has no words."""
    found = {}
    for name, inner in items.get("properties", {}).items():
        value = _field(name, inner, sentence, material)
        if value is not None:
            found[name] = value
    return found if all(name in found for name in items.get("required", ())) else None


def _field(name: str, schema: dict[str, Any], sentence: Sentence, material: Material) -> Any:
    if schema.get("enum"):
        return option(schema["enum"], sentence.text)
    if schema.get("type") == "integer":
        return sentence.line if name.startswith("line") else None
    if schema.get("type") != "string":
        return None
    if name in PLACED:
        return sentence.source
    if name in NAMED:
        return _name(sentence, material)
    if name in ABOUT:
        return _subject(sentence, material)
    return sentence.text if name in QUOTED else None


def _subject(sentence: Sentence, material: Material) -> str | None:
    """Return what a sentence is about: what it inherits from where it stands, or the name in it or of its file."""
    return sentence.context or _name(sentence, material)


def _name(sentence: Sentence, material: Material) -> str | None:
    """Return the name in a sentence that most files are called after, or that its file is about.

    Where files are not called after what they are about, it is the first name in the sentence.
    """
    names = names_in(sentence.text)
    called = {name: files_called(name, material.paths) for name in names}
    best = max(called, key=lambda name: called[name], default=None)
    if best is not None and called[best]:
        return best
    return material.subjects.get(sentence.source) or next(iter(names), None)
