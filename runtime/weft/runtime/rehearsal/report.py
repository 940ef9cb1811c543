"""What a rehearsal has shown, as data. How it is found out is `searching`, `pairs` and `shrinking`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from weft.primitives.language.source import SourceRefused, read
from weft.runtime.journal.events import Problem
from weft.runtime.rehearsal.affording import Afforded
from weft.runtime.rehearsal.pairs.near import Confused
from weft.runtime.rehearsal.playing import Played
from weft.runtime.rehearsal.spreads import (
    Barrier,
    Loop,
    OnPath,
    Phase,
    Spread,
    barriers_of,
    loops_of,
    path_of,
    phases_of,
)
from weft.runtime.rehearsal.timing import Timing
from weft.sandbox.observing import Place, Places

__all__ = ["Crash", "Rehearsal", "Unreached", "unreached"]

LONGEST_CONDITION = 120
"""Letters of a condition that are shown."""


@dataclass(frozen=True, slots=True)
class Crash:
    """A way to break the harness."""

    problem: Problem
    manner: str
    """How agents behaved, in words."""
    runs: int
    """In how many of the runs it broke so."""
    case: str
    """The smallest case that was found, in words."""
    stub: dict[str, Any]
    """The same as a stub file for `--agents stub:FILE`."""


@dataclass(frozen=True, slots=True)
class Unreached:
    """A statement that no run has reached."""

    line: int
    condition: str | None
    """What stands in front of it: the condition that never held, or that always did."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a rehearsal has shown."""

    played: tuple[Played, ...] = field(repr=False)
    """All runs of the search. Written out they are many times as long as all that is asked in them, and asyncio writes
    out what a task has returned."""
    crashes: tuple[Crash, ...]
    confused: tuple[Confused, ...]
    """Pairs of runs that came out wrong."""
    never_reached: tuple[Unreached, ...]
    statements: int
    """How many there are to reach."""
    unreached: int
    """How many of them were not."""
    places: tuple[int, int]
    """How many of the places that start agents were reached, and how many there are."""
    afforded: Afforded | None = None
    """How runs went under the ceiling with agents that cost what is expected; `None` without a ceiling."""
    untold: tuple[str, ...] = ()
    """The tools that it called of which nobody knows what they give: it was told a text."""

    @property
    def runs(self) -> int:
        """Return how many runs the search took."""
        return len(self.played)

    @property
    def usual(self) -> list[Played]:
        """Return the runs that tell how many agents there may be: nothing broke, nobody was lost, tools worked."""
        sound = [played for played in self.played if played.problem is None]
        bearable = [played for played in sound if not (played.manner.tools_fail or played.manner.saved_fail)]
        return [played for played in bearable if played.manner.usual] or bearable

    @property
    def agents(self) -> tuple[int, int]:
        """Return the fewest and the most agents that were started where agents answered."""
        counts = [played.agents for played in self.usual] or [0]
        return min(counts), max(counts)

    @property
    def spread(self) -> Spread:
        """Return how many agents were started."""
        return Spread.of(played.agents for played in self.usual)

    @property
    def timings(self) -> list[Timing]:
        """Return when what happened in runs that came to their end, and whose agents took as long as is expected."""
        ended = (played for played in self.usual if played.ended.outcome == "completed")
        return [played.timing for played in ended if played.manner.timely]

    @property
    def minutes(self) -> Spread:
        """Return how long it took on the virtual clock, in minutes."""
        return Spread.of(timing.seconds / 60 for timing in self.timings)

    @property
    def tokens(self) -> Spread:
        """Return how many tokens agents are expected to use, input and output together."""
        return Spread.of(sum(one.spent.tokens for one in timing.phases.values()) for timing in self.timings)

    @property
    def usd(self) -> Spread | None:
        """Return what they are expected to cost at list price; `None` where a model has none."""
        timings = self.timings
        if not all(one.priced for timing in timings for one in timing.phases.values()):
            return None
        return Spread.of(sum(one.spent.usd for one in timing.phases.values()) for timing in timings)

    @property
    def barriers(self) -> list[Barrier]:
        """Return the fan-outs with how long is waited there, most of the time first."""
        return barriers_of(self.timings)

    @property
    def path(self) -> list[OnPath]:
        """Return what each place has of the critical path."""
        return path_of(self.timings)

    @property
    def loops(self) -> list[Loop]:
        """Return how many rounds each loop takes that comes to its end by itself."""
        return loops_of(self.timings)

    @property
    def phases(self) -> list[Phase]:
        """Return what each phase takes."""
        return phases_of(self.timings)

    @property
    def unending(self) -> list[Played]:
        """Return the runs that came to no end by themselves."""
        return [played for played in self.played if played.endless]

    @property
    def sound(self) -> bool:
        """Whether nothing broke it, and no two of its results are confused."""
        return not (self.crashes or self.confused or self.unending)

    @property
    def faults(self) -> list[str]:
        """Return what is wrong with the harness, a sentence each."""
        broke = [
            f"line {crash.problem.line or '?'}: {crash.problem.message}, when {crash.case}" for crash in self.crashes
        ]
        endless = [f"{len(self.unending)} runs came to no end"] if self.unending else []
        return [*broke, *endless, *(f"line {one.line}: {one.what} ({one.one}; {one.other})" for one in self.confused)]

    def assert_sound(self) -> None:
        """Do nothing, or tell what is wrong, for tests of a harness.

        Raises:
            AssertionError: something broke it, it came to no end, or two of its results are confused.
        """
        if not self.sound:
            raise AssertionError("\n".join(["the rehearsal has shown:", *self.faults]))


def unreached(source: str, places: Places, lines: set[int], ways: dict[tuple[int, int], int]) -> Iterator[Unreached]:
    """Yield the statements that were not reached, each block once, with the condition in front of it."""
    try:
        tree = read(source)
    except (SyntaxError, SourceRefused):
        return
    told: set[int] = set()
    missing = set(places.statements) - lines
    for node in ast.walk(tree):
        for branch, condition in _branches(node, ways):
            inside = {line for statement in branch for line in _lines(statement)} & missing
            first = min(inside, default=None)
            if first is not None and branch[0].lineno == first and inside == _all_lines(branch) & missing:
                yield Unreached(first, condition)
                told |= inside
    for line in sorted(missing - told):
        yield Unreached(line, None)


def _branches(node: ast.AST, ways: dict[tuple[int, int], int]) -> Iterator[tuple[Sequence[ast.stmt], str | None]]:
    match node:
        case ast.If(test=test, body=body, orelse=orelse) | ast.While(test=test, body=body, orelse=orelse):
            taken = ways.get(Place(test.lineno, test.col_offset), 0)
            if not taken & 1:
                yield body, _shown(test)
            if not taken & 2 and orelse:
                yield orelse, f"not ({_shown(test)})"
        case ast.For(iter=walked, body=body):
            yield body, f"for … in {_shown(walked)}"
        case ast.ExceptHandler(type=kind, body=body):
            yield body, f"except {_shown(kind)}" if kind is not None else "except"
        case ast.match_case(pattern=pattern, body=body):
            yield body, f"case {ast.unparse(pattern)[:LONGEST_CONDITION]}"
        case ast.FunctionDef(name=name, body=body) | ast.AsyncFunctionDef(name=name, body=body):
            yield body, f"{name}() is never called"
        case _:
            pass


def _shown(node: ast.AST) -> str:
    return ast.unparse(node)[:LONGEST_CONDITION]


def _lines(statement: ast.stmt) -> Iterator[int]:
    return (node.lineno for node in ast.walk(statement) if isinstance(node, ast.stmt))


def _all_lines(block: Sequence[ast.stmt]) -> set[int]:
    return {line for statement in block for line in _lines(statement)}
