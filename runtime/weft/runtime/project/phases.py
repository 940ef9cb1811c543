"""What a harness names in so many words, read off its source: phases, for which a share of the budget can be held, and
the saved harnesses that it calls.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Set

from weft.primitives.language.parsing import parse
from weft.runtime.ceiling import CRITICAL, Share
from weft.runtime.errors import UsageError
from weft.runtime.meant import did_you_mean

__all__ = ["called_names", "check_phases", "computes_names", "named_phases"]

BY_AGENTS = "run_workflow"
"""The tool by which agents call saved harnesses."""

FindSource = Callable[[str], str | None]
"""Returns the source of the saved harness of a name, if there is one."""


def check_phases(source: str, hold: Mapping[str, Share], find_source: FindSource) -> None:
    """Check that shares are held for phases that a harness has, or may come to have.

    Raises:
        UsageError: it has none of that name, and all of its phases are known.
    """
    phases = named_phases(source, find_source)
    unknown = next((name for name in hold if name != CRITICAL and phases is not None and name not in phases), None)
    if unknown is None or phases is None:
        return
    known = {phase: f"--hold {phase}={hold[unknown]}" for phase in sorted(phases)}
    raise UsageError(
        f"--hold {unknown}={hold[unknown]}: the harness has no phase {unknown!r}",
        where=f"its phases: {', '.join(sorted(phases)) or 'none'}",
        meaning="nobody could use what is held back, so nothing was started",
        fix=did_you_mean(unknown, known, "name one of its phases, or `critical`"),
    )


def named_phases(source: str, find_source: FindSource, seen: frozenset[str] = frozenset()) -> frozenset[str] | None:
    """Return the phases of a harness and of the saved ones that it calls; `None` where some show only as it runs."""
    try:
        tree = parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return None
    found: set[str] = set()
    for title in _titles(tree):
        if title is None:
            return None
        found.add(title)
    for name in _saved(tree):
        inner = None if name is None else "" if name in seen else find_source(name)
        phases = None if name is None or inner is None else named_phases(inner, find_source, seen | {name})
        if phases is None:
            return None
        found |= phases
    return frozenset(found)


def called_names(source: str) -> frozenset[str]:
    """Return the names of the saved harnesses that a harness calls, as far as they stand in its text."""
    try:
        tree = parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return frozenset()
    return frozenset(name for name in _saved(tree) if name is not None)


def computes_names(source: str) -> bool:
    """Whether which saved harnesses a harness calls shows only as it runs."""
    try:
        tree = parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return True
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    handed_on = (_handed_on(node, "workflow", called) for node in ast.walk(tree))
    return None in _saved(tree) or any(handed_on)


def _handed_on(node: ast.AST, name: str, called: Set[int]) -> bool:
    """Whether a function is given another name, or to somebody else to call."""
    if isinstance(node, ast.alias):
        return node.name == name and bool(node.asname)
    return _means(node, name) and id(node) not in called and isinstance(getattr(node, "ctx", None), ast.Load)


def _titles(tree: ast.Module) -> Iterator[str | None]:
    """Yield the phases that a harness names; `None` for what is not written out."""
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            named = [word.value for word in node.keywords if word.arg == "phase"]
            if _means(node.func, "phase"):
                named += node.args[:1] or [word.value for word in node.keywords if word.arg == "title"]
            yield from map(_text, named)
            if any(word.arg is None for word in node.keywords):
                yield None
        elif _handed_on(node, "phase", called):
            yield None


def _saved(tree: ast.Module) -> Iterator[str | None]:
    """Yield the names of the saved harnesses that a harness calls; `None` for one that is not written out.

    Where agents may call some, that is up to them.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value == BY_AGENTS:
            yield None
        if isinstance(node, ast.Call) and _means(node.func, "workflow"):
            named = node.args[:1] or [word.value for word in node.keywords if word.arg == "name"]
            yield _text(named[0]) if named else None


def _means(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Name(id=own) | ast.Attribute(attr=own):
            return own == name
    return False


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
