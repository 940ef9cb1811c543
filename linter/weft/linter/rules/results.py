"""What a run returns: nothing, or something that cannot be written as JSON."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from weft.linter.effort import walk
from weft.linter.facts import Facts
from weft.linter.facts.domain.code import Class, Function, Instance, Partial
from weft.linter.facts.domain.marks import about
from weft.linter.facts.domain.values import Bool, Budget, Dict, Listing, Nothing, Number, Round, Seen, Text, Value
from weft.linter.facts.events import Returned
from weft.linter.finding import Finding, Fix, Related
from weft.linter.rules.rule import Rule, suggestion
from weft.primitives.language import ENTRY

__all__ = ["ReturnsNothing", "UnserialisableReturn"]


class ReturnsNothing(Rule):
    """A run that returns nothing.

    What: a path through `main` falls off its end, or ends with a bare `return`.
    Why: the result of the run is null, whatever its agents found.
    Bad:
        summary = await agent("Sum it up")
        log(str(summary))
    Good:
        summary = await agent("Sum it up")
        return {"summary": summary}
    When not: every path returns or raises; `return None` says that null is meant.
    """

    code = "R707"
    name = "main-returns-nothing"
    severity = "warning"
    message = "{what} without a value."
    why = "The run's result is null then, and what its agents found is lost; log() is only a progress line."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield the entry of a harness when a path through it returns nothing."""
        ends = _ends(facts)
        empty = [end for end in ends if end.value is None]
        if not empty:
            return
        main, last = empty[0].function, empty[-1].node
        what = "A path through main ends" if len(empty) < len(ends) else "main ends"
        related = [Related(last.lineno, "here")] if isinstance(last, ast.Return) else []
        yield self.found(facts, main, what=what, fix=suggestion("return what was found"), related=related)


def _ends(facts: Facts) -> list[Returned]:
    """Return where `main` ends, each place once."""
    mains = [node for node in facts.tree.body if isinstance(node, ast.AsyncFunctionDef) and node.name == ENTRY]
    ends = [end for end in facts.each(Returned) if end.function in mains[-1:]]
    return list({end.node: end for end in ends}.values())


class _Culprit(NamedTuple):
    """A part of a result that has no JSON form."""

    path: str
    what: str
    instead: str
    node: ast.expr | None = None
    """Where it is made, if putting `sorted(…)` around it mends it."""


class UnserialisableReturn(Rule):
    """A result that JSON cannot hold.

    What: what `main` returns holds, at any depth, a set, a generator or other iterator, a memory, a function, an
        object of a class, a member of an enumeration, or a dict whose keys are no texts.
    Why: the run ends with an error after all its agents have been paid.
    Bad:
        topics = await parallel([agent(f"Topic of {f}") for f in FILES])
        return {"topics": {t for t in topics if t}}
    Good:
        topics = await parallel([agent(f"Topic of {f}") for f in FILES])
        return {"topics": sorted({t for t in topics if t})}
    When not: tuples, `dataclasses.asdict`, counters with text keys, values that are not followed.
    Fix: safe: `sorted(…)` is put around a set that is returned.
    """

    code = "R708"
    name = "unserialisable-return"
    severity = "error"
    message = "The result{path} is {what}, which cannot be written as JSON."
    why = "The run ends with an error here, after all its agents have been paid."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each `return` of `main` with a part that has no JSON form."""
        for end in _ends(facts):
            culprit = next(_culprits(end.value), None) if end.value is not None else None
            if culprit is not None:
                fix = _sorted(facts, end, culprit) or suggestion(culprit.instead)
                yield self.found(facts, end.node, path=culprit.path, what=culprit.what, fix=fix)


def _sorted(facts: Facts, end: Returned, culprit: _Culprit) -> Fix | None:
    """Return the edits that make a list of a set which is written in the `return` itself."""
    if culprit.node is None or culprit.node not in set(walk(end.node)):
        return None
    return Fix("safe", culprit.instead, facts.positions.around(culprit.node, "sorted(", ")"))


def _culprits(value: Value, path: str = "", depth: int = 0) -> Iterator[_Culprit]:
    """Yield the parts of a value that have no JSON form, outermost first."""
    own = _own(value, path)
    if own is not None:
        yield own
    elif depth < 8:
        for step, inner in _inside(value):
            yield from _culprits(inner, path + step, depth + 1)


def _inside(value: Value) -> Iterator[tuple[str, Value]]:
    match value:
        case Listing(parts=parts):
            yield from (("[…]", part.element) for part in parts)
        case Dict(fields=fields, values=values):
            yield from ((f'["{key}"]', entry.value) for key, entry in fields.items())
            if values is not None:
                yield "[…]", values


def _own(value: Value, path: str) -> _Culprit | None:
    """Return what is wrong with a value itself, whatever is in it."""
    match value:
        case Listing(kind="set", parts=parts, node=node):
            plain = all(isinstance(part.element, (Text, Number)) and part.element.lack is None for part in parts)
            return _Culprit(path, "a set", "return sorted(…) of it", node if plain else None)
        case Listing(kind="view" | "iterator" | "rounds"):
            return _Culprit(path, "a generator or another iterator", "return list(…) of it")
        case Dict(keys=Number() | Bool() | Nothing() | Listing()):
            return _Culprit(path, "a dict with keys that are no texts", "make each key a text: str(key)")
        case Text() | Number() if members := about(value.marks, "member"):
            name = getattr(next(iter(members)), "name", "an enumeration")
            return _Culprit(path, f"a member of {name}", "return its .value")
        case Seen():
            return _Culprit(path, "a Seen", "return len(…) of it, or the items that it let through")
        case Round() | Budget():
            return _Culprit(path, "an object of the runtime", "return the number that is meant")
        case Function() | Class() | Partial():
            return _Culprit(path, "a function or class", "return what calling it gives")
        case Instance(of=Class(node=ast.ClassDef(name=name, bases=[]))):
            return _Culprit(path, f"an object of the class {name}", "return dataclasses.asdict(…) of it, or a dict")
    return None
