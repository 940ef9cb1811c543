"""What the offline model can do for an agent: list sentences, compare statements, check a claim, quote passages.

Each skill answers with words of the user's own files (or of the prompt) and where they stand, fitted to the schema.
Nothing is made up: a field for which there are no such words is left out, and where it is required, the agent is lost
and says which field it was, rather than give an empty list that passes for an answer.
"""

from __future__ import annotations

import re
from typing import Any

from weft.runtime.agents.offline.asked import own_words
from weft.runtime.agents.offline.checking import NOT_JUDGED, VERDICTS, can_judge, verdict
from weft.runtime.agents.offline.comparing import conflicts
from weft.runtime.agents.offline.listing import ABOUT, NAMED, record, telling
from weft.runtime.agents.offline.material import Material, best, option, question, relevant
from weft.runtime.agents.offline.quoting import quote
from weft.runtime.agents.offline.text import Sentence
from weft.runtime.request import AgentError
from weft.runtime.understood import Understood

__all__ = ["respond"]

EVERY = re.compile(r"\b(?:every|all|each)\b", re.IGNORECASE)
"""How a prompt says that it wants no selection."""

FILLS = (
    "it fills texts with sentences of the files, and fields such as source and line with where they stand; "
    "name a model with --model, or ask for such fields only"
)


def respond(schema: dict[str, Any] | None, material: Material) -> tuple[Any, Understood | None]:
    """Answer in the form that the schema asks for, and tell how much of what was asked about was found.

    Raises:
        AgentError: the form asks for what no words of the files can fill.
    """
    if schema is None:
        return quote(material)
    properties = schema.get("properties", {})
    if VERDICTS & set(properties.get("verdict", {}).get("enum", ())):
        return verdict(schema, material), None if can_judge(material.prompt) else NOT_JUDGED
    cuts: list[Understood] = []
    found = {name: _value(name, inner, material, cuts) for name, inner in properties.items()}
    answer = {name: value for name, value in found.items() if value is not None}
    unfilled = [name for name in schema.get("required", ()) if name not in answer]
    if unfilled or not answer:
        raise _cannot_fill(unfilled or [*properties])
    return answer, next(iter(cuts), None)


def _value(name: str, schema: dict[str, Any], material: Material, cuts: list[Understood]) -> Any:
    """Return words for a field; `None` where there are none. A list that leaves out what was wanted adds to `cuts`."""
    if schema.get("type") == "string":
        return option(schema["enum"], material.prompt) if schema.get("enum") else quote(material)[0]
    if schema.get("type") != "array":
        return None
    items = schema.get("items", {})
    most = schema.get("maxItems", 20)
    fields = items.get("properties", {})
    if sum(inner.get("type") == "integer" for inner in fields.values()) >= 2:
        return _all(name, conflicts(items, material), most, cuts)
    compared = bool({*NAMED, *ABOUT} & set(fields))  # whoever asks what each is about wants to compare them
    found = relevant(material)
    whole_list = compared or EVERY.search(own_words(material.prompt)) is not None
    if items.get("type") == "string":
        _all(name, found, most, cuts if whole_list else [])
        return [sentence.text for sentence in _chosen(found, most, material, compared)]
    # What the form asks for is not there either where nothing bears on the question.
    records = {sentence: _record(items, sentence, material) for sentence in found or material.sentences}
    required = items.get("required", ())
    never = [field for field in required or fields if not any(field in filled for filled in records.values())]
    if records and never and (required or len(never) == len(fields)):
        raise _cannot_fill([f"{name}[].{field}" for field in never])
    whole = [sentence for sentence in found if all(field in records[sentence] for field in required)]
    _all(name, whole, most, cuts if whole_list else [])
    return [records[sentence] for sentence in _chosen(whole, most, material, compared)]


def _all(name: str, found: list[Any], most: int, cuts: list[Understood]) -> list[Any]:
    """Return as many as are wanted; add it to `cuts` where there are more."""
    if len(found) > most:
        hint = f"the answer may hold {most} at most; name fewer or shorter files, or ask about one topic"
        cuts.append(Understood(count=most, of=len(found), what=name, hint=hint))
    return found[:most]


def _record(items: dict[str, Any], sentence: Sentence, material: Material) -> dict[str, Any]:
    """Return what there are words for of a record about a sentence, required or not.

    A sentence that says nothing of what it is about is about what its file is called after.
    """
    filled = record({**items, "required": []}, sentence, material) or {}
    fields = items.get("properties", {})
    heading = material.heading(sentence) if "heading" in fields else ""
    called = sentence.source.rpartition("/")[2].partition(".")[0]
    return {
        **{name: called for name in NAMED if fields.get(name, {}).get("type") == "string" and called},
        **({"heading": heading} if heading else {}),
        **filled,
    }


def _chosen(found: list[Sentence], most: int, material: Material, compared: bool) -> list[Sentence]:
    """Return as many sentences as are wanted: those that answer the question best.

    Without one, and where they are to be compared, those first that say something definite. What a file only quotes is
    no answer where it says something itself, and what stands twice on one line counts once.
    """
    found = [*dict.fromkeys(found)]
    if compared:
        return telling(found, most)
    own = [sentence for sentence in found if not material.is_quoted(sentence)] or found
    return best(own, most, material) if question(material) else telling(own, most)


def _cannot_fill(fields: list[str]) -> AgentError:
    return AgentError("refused", f"the offline model has no words to fill {', '.join(fields)} with: {FILLS}")
