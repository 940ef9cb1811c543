"""Changes of answers that the runs of a pair differ in. Which pairs there are, and how they are judged, is `pairs`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
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
    "first",
    "in_round",
    "items_at",
    "lose",
    "made_up",
    "naming",
    "other_spelling",
    "others_short",
    "put",
    "reverse",
    "round_of",
    "setting",
    "shortened",
    "tool_gives",
    "twice",
    "with_verdict",
]


Change = Callable[[Any], Any]
"""Makes another answer, or `Lost`, of one."""


def at(site: Site, change: Change) -> Twist:
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


def made_up(value: Any, paths: Collection[tuple[str, ...]], path: tuple[str, ...] = ()) -> Any:
    """Return an answer in which all texts at some places of it are made up."""
    if isinstance(value, dict):
        return {name: made_up(part, paths, (*path, name)) for name, part in value.items()}
    if isinstance(value, list):
        return [made_up(part, paths, (*path, "[]")) for part in value]
    return "made up" if isinstance(value, str) and path in paths else value


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


def lose(_: Any) -> Lost:
    """Lose an agent, whatever it answers."""
    return Lost()


def first(site: Site, change: Change, others: Change = lambda value: value) -> Twist:
    """Change what the first branch of each fan-out at a place answers, and what the others answer."""
    paths: dict[str, str] = {}

    def answer(called: AgentCalled, value: Any) -> Any:
        if site_of(called) != site:
            return value
        return (change if paths.setdefault(fan_out_of(called), called.path) == called.path else others)(value)

    return answer


def round_of(called: AgentCalled) -> str:
    """Return what is one round of a place: a fan-out, or an agent that is asked alone."""
    return fan_out_of(called) or str(called.id)


def in_round(site: Site, number: int, change: Change) -> Twist:
    """Change all answers of a place in one of its rounds."""
    rounds: list[str] = []

    def answer(called: AgentCalled, value: Any) -> Any:
        if site_of(called) != site:
            return value
        if round_of(called) not in rounds:
            rounds.append(round_of(called))
        return change(value) if rounds.index(round_of(called)) == number else value

    return answer


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
