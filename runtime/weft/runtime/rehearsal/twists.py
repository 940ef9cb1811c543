"""Changes of answers that the runs of a pair differ in. Which pairs there are, and how they are judged, is `pairs`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from weft.primitives.calls import ToolCall
from weft.runtime.journal.events import AgentCalled
from weft.runtime.rehearsal.answering import Lost, ToolTwist, Twist, fan_out_of, site_of
from weft.runtime.rehearsal.manner import Leaf, Site

__all__ = [
    "always",
    "another_file",
    "at",
    "emptied",
    "first_lost",
    "items_at",
    "naming",
    "other_spelling",
    "others_short",
    "put",
    "reverse",
    "setting",
    "shortened",
    "tool_gives",
    "twice",
    "with_verdict",
]


def at(site: Site, change: Callable[[Any], Any]) -> Twist:
    """Change all answers of a place."""
    return lambda called, value: change(value) if site_of(called) == site else value


def with_verdict(value: Any, verdict: str) -> Any:
    """Return a vote with another verdict."""
    return value if isinstance(value, Lost) else {**value, "verdict": verdict}


def reverse(called: AgentCalled, value: Any) -> Any:
    """Return an answer with each list in reverse."""
    if isinstance(value, dict):
        return {name: reverse(called, part) for name, part in value.items()}
    return [reverse(called, part) for part in reversed(value)] if isinstance(value, list) else value


def emptied(value: Any) -> Any:
    """Return an answer in which no list holds anything, whatever its schema says."""
    if isinstance(value, dict):
        return {name: emptied(part) for name, part in value.items()}
    return [] if isinstance(value, list) else value


def setting(path: tuple[str, ...], option: Any) -> Callable[[Any], Any]:
    """Put an option in a place of each answer that no list is in front of."""

    def change(value: Any) -> Any:
        if not path:
            return option
        if not isinstance(value, dict) or path[0] not in value:
            return value
        return {**value, path[0]: setting(path[1:], option)(value[path[0]])}

    return change


def naming(leaf: Leaf, names: list[str]) -> Twist:
    """Put names at a leaf, each item of a list another."""
    count = iter(range(10**9))

    def put(value: Any, path: tuple[str, ...]) -> Any:
        if not path or path == ("text",):
            return names[next(count) % len(names)] if isinstance(value, str) else value
        if path[0] == "[]" and isinstance(value, list):
            return [put(part, path[1:]) for part in value]
        if isinstance(value, dict) and path[0] in value:
            return {**value, path[0]: put(value[path[0]], path[1:])}
        return value

    return lambda called, value: put(value, leaf.path) if site_of(called) == leaf.site else value


def other_spelling(name: str) -> str:
    """Return a name as others may spell it: a path from here, other cases, space behind it."""
    if re.search(r"[/.]", name) and not name.startswith("./"):
        return f"./{name}"
    return name.upper() if name.upper() != name else f"{name.lower()} " if name.lower() == name else name.lower()


def first_lost(site: Site, change: Callable[[Any], Any]) -> Twist:
    """Lose the first branch of each fan-out at a place; change what the others answer."""
    first: dict[str, str] = {}

    def lose(called: AgentCalled, value: Any) -> Any:
        if site_of(called) != site:
            return value
        return Lost() if first.setdefault(fan_out_of(called), called.path) == called.path else change(value)

    return lose


def twice(leaf: Leaf, item: Mapping[str, Any], values: list[Any]) -> Twist:
    """Let each agent of a place list one item as often as there are values, each time with another one at a leaf."""
    items = [{**item, leaf.path[-1]: value} for value in values]
    before = leaf.path[: leaf.path.index("[]")]

    def put(value: Any, path: tuple[str, ...]) -> Any:
        if not path:
            return items
        return {**value, path[0]: put(value.get(path[0]), path[1:])} if isinstance(value, dict) else value

    return lambda called, value: put(value, before) if site_of(called) == leaf.site else value


def always(answers: Mapping[Site, Any], but: Site, twist: Twist) -> Twist:
    """Let each place give one answer, whatever it is asked, but for one place of which answers are changed."""

    def answer(called: AgentCalled, value: Any) -> Any:
        site = site_of(called)
        return twist(called, value) if site == but else answers.get(site, value)

    return answer


def others_short(leaf: Leaf) -> Twist:
    """Leave one item at most in a list that others than the first agent of a place give."""
    first: list[str] = []

    def cut(value: Any, path: tuple[str, ...]) -> Any:
        if not path:
            return value[:1] if isinstance(value, list) else value
        if path[0] == "[]" and isinstance(value, list):
            return [cut(part, path[1:]) for part in value]
        if isinstance(value, dict) and path[0] in value:
            return {**value, path[0]: cut(value[path[0]], path[1:])}
        return value

    def answer(called: AgentCalled, value: Any) -> Any:
        if site_of(called) != leaf.site:
            return value
        first.append(called.path)
        return value if called.path == first[0] else cut(value, leaf.path)

    return answer


def another_file(name: str, number: int) -> str:
    """Return the name of another file in the same folder, of the same kind."""
    stem, dot, kind = name.rpartition(".")
    return f"{stem}-{number:04d}{dot}{kind}" if stem and "/" not in kind else f"{name}-{number:04d}"


def tool_gives(call: ToolCall, value: Any) -> ToolTwist:
    """Let one call of a tool give something, or be `Lost`; others do what they do."""
    return lambda other: value if (other.name, other.arguments) == (call.name, call.arguments) else None


def put(value: Any, path: tuple[str, ...], part: Any) -> Any:
    """Return an answer with something at a place of it; of a list, in its first item."""
    if not path:
        return part
    if path[0] == "[]":
        return [put(value[0], path[1:], part), *value[1:]] if isinstance(value, list) and value else value
    known = isinstance(value, dict) and path[0] in value
    return {**value, path[0]: put(value[path[0]], path[1:], part)} if known else value


def items_at(value: Any, path: tuple[str, ...]) -> list[Any]:
    """Return all that stands at a place of an answer."""
    if not path:
        return [value]
    if path[0] == "[]":
        return [found for part in value for found in items_at(part, path[1:])] if isinstance(value, list) else []
    return items_at(value[path[0]], path[1:]) if isinstance(value, dict) and path[0] in value else []


def shortened(value: Any) -> Any:
    """Return an answer with one item at most in each list."""
    if isinstance(value, dict):
        return {name: shortened(part) for name, part in value.items()}
    return [shortened(part) for part in value[:1]] if isinstance(value, list) else value
