"""What calls of the host give that need no agent: `tool` and `ask`. Whether agents act on the world is `acting`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from weft.linter.facts.domain.code import Call
from weft.linter.facts.domain.contained import deep_marks
from weft.linter.facts.domain.holding import anything
from weft.linter.facts.domain.intervals import some
from weft.linter.facts.domain.marks import NO_MARKS, Marks
from weft.linter.facts.domain.values import Lack, Listing, Part, Value, constant, named
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.sequences import listing
from weft.linter.facts.known.asking import promised
from weft.primitives.limits import MAX_CHARACTERS

__all__ = ["ask", "tool"]

_MATCH: Mapping[str, object] = {
    "type": "object",
    "properties": {"source": {"type": "string"}, "line": {"type": "integer"}, "text": {"type": "string"}},
    "required": ["source", "line", "text"],
}
_CLUSTERS: Mapping[str, object] = {
    "type": "object",
    "properties": {
        "clusters": {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}},
        "measure": {"type": "string"},
    },
    "required": ["clusters", "measure"],
}
_FACT: Mapping[str, object] = {
    "type": "object",
    "properties": {"key": {"type": "string"}, "value": {"type": "string"}, "version": {"type": "integer"}},
    "required": ["key", "value", "version"],
}
_GIVES: Mapping[str, tuple[Mapping[str, object], str]] = {
    "cluster_texts": (_CLUSTERS, ""),
    "list_files": ({"type": "string"}, "files there are"),
    "read_file": ({"type": "string", "maxLength": MAX_CHARACTERS}, ""),
    "recall": (_FACT, "facts there are"),
    "search_text": (_MATCH, "lines are found"),
}
"""What each tool of `weft.primitives.tools` gives, as a JSON Schema; of a list, its elements, and what these are."""


def tool(m: Machine, call: Call) -> Value:
    """Follow `tool(name, …)`: it can fail, and starts no agent."""
    name, line = constant(call.argument(0, "name")), call.node.lineno
    gives = _GIVES.get(name) if isinstance(name, str) else None
    lack = Lack(f"the tool at line {line} can fail", line, seldom=True)
    given = anything("which tool it is, is not known") if gives is None else _given(m, call, *gives)
    return m.coroutine(call.node, "tool", _giving(named(given, lack=lack, marks=_items_in(call))))


def _given(m: Machine, call: Call, schema: Mapping[str, object], what: str) -> Value:
    line = call.node.lineno
    value = promised(schema, f"the tool at line {line}")
    return value if not what else listing(m, call.node, Part(some(f"how many {what} is not known", line), value))


def ask(m: Machine, call: Call) -> Value:
    """Follow `ask(question, …)`: it gives a text, one of the choices where these are known, and never None."""
    choices = call.keywords.get("choices")
    parts = [constant(part.element) for part in choices.parts] if isinstance(choices, Listing) else []
    known = bool(parts) and all(isinstance(choice, str) for choice in parts)
    written = {"type": "string", "enum": parts} if known else {"type": "string"}
    return m.coroutine(call.node, "ask", _giving(promised(written, f"the question at line {call.node.lineno}")))


def _items_in(call: Call) -> Marks:
    """Return the marks of what it gives: what it gives of an item differs with the item."""
    marks = NO_MARKS.union(*(deep_marks(value) for value in (*call.args, *call.keywords.values())))
    return frozenset(mark for mark in marks if mark.kind == "item")


def _giving(value: Value) -> Callable[[Machine], Value]:
    return lambda _: value
