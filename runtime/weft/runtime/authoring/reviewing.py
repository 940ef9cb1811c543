"""What is wrong with what an author answered: by the linter, by its arguments, and by a rehearsal.

How an answer is read is `replies`; what is done about it, `author`.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from weft.linter import Report, render
from weft.runtime.authoring.replies import NO_JSON, read_answer
from weft.runtime.errors import Refused, RuntimeFailure
from weft.runtime.project.harness import Harness, check_args, parse_harness

__all__ = ["Check", "Draft", "Fault", "Rehearse", "Reviewer"]

MOST_FAULTS = 5
"""Faults that the author is told of at once."""

LONGEST_NAME = 100
"""Letters of a task that name its harness, and so its files."""

Check = Callable[[str], Report]
"""Tells what is wrong with a harness."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong with a harness, as a rehearsal has shown it."""

    message: str
    line: int | None = None
    """Where in the harness, if anywhere."""
    case: str = ""
    """The smallest case in which it shows, in words."""

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}" if self.line else self.message


Rehearse = Callable[[Harness, Any], Awaitable[Sequence[Fault]]]
"""Runs a harness with simulated agents, and tells what is wrong with it; it starts no real ones."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What the author wrote in one round, and what is wrong with it."""

    source: str
    args: Any
    saved: str | None = None
    """The name under which it is saved, where the author chose a saved harness."""
    harness: Harness | None = None
    """Where it has no errors."""
    errors: tuple[str, ...] = ()
    """What must be mended, each in a line for people, as all of these."""
    faults: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    """What may be meant so; the author is told once."""
    findings: str = ""
    """All of these in words that an author can act on."""

    @property
    def rank(self) -> tuple[int, ...]:
        """Return how bad it is: no file is worst, whatever has an error is worse than all that has none, and so on."""
        return not self.source, len(self.errors), len(self.faults), len(self.warnings), len(self.hints)

    @property
    def serious(self) -> bool:
        """Whether there is more to be said against it than hints."""
        return bool(self.errors or self.faults or self.warnings)

    @property
    def open(self) -> tuple[str, ...]:
        """Return all that is to be said against it, the worst first."""
        return (*self.errors, *self.faults, *self.warnings, *self.hints)


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Finds out what is wrong with what the author answers."""

    task: str
    check: Check
    rehearse: Rehearse | None
    told: Callable[[str], None]
    saved: Mapping[str, Harness] = field(default_factory=dict)
    """The harnesses that the author may choose."""

    async def review(self, reply: str, before: Draft | None) -> Draft:
        """Read and check an answer; arguments that it leaves out are those of the file before, if there was one."""
        said = read_answer(reply)
        if said.use is not None:
            return await self._chosen(said.use, {} if said.args is None else said.args)
        if said.source is None:
            problem = "There was no ```python block in the answer. Answer with the complete file in one."
            return Draft("", None, errors=("the answer holds no ```python block",), findings=problem)
        kept = before.args if before is not None and before.saved is None else {}
        args = kept if said.args is None else said.args
        return await self._reviewed(Draft(said.source, args))

    async def _chosen(self, name: str, args: Any) -> Draft:
        """Return what the saved harness of a name comes to."""
        if name not in self.saved:
            there = ", ".join(self.saved) or "none"
            problem = f"there is no saved harness {name!r} to choose; there is {there}"
            return Draft("", None, errors=(problem,), findings=f"{problem}. Choose one of these, or write the file.")
        return await self._reviewed(Draft(self.saved[name].source, args, saved=name))

    async def _reviewed(self, draft: Draft) -> Draft:
        """Return an attempt with what is wrong with it: by the linter, its arguments, and a rehearsal."""
        report = self.check(draft.source)
        said = (
            [f"The linter found:\n\n{render(report, draft.source, 'harness.py', 'model')}"] if report.findings else []
        )
        by = {severity: tuple(_lines(report, severity)) for severity in ("error", "warning", "info")}
        found = replace(draft, errors=by["error"], warnings=by["warning"], hints=by["info"])
        if not report.errors:
            harness = self.saved[draft.saved] if draft.saved is not None else _parsed(draft.source, self.task)
            misfit = _misfit(harness, draft.args)
            faults = () if misfit else await self._rehearsed(harness, draft.args)
            found = replace(found, harness=None if misfit else harness, errors=misfit, faults=tuple(map(str, faults)))
            said += misfit
            said += [f"A rehearsal with simulated agents has shown:\n\n{_shown(faults)}"] if faults else []
        return replace(found, findings="\n\n".join(said))

    async def _rehearsed(self, harness: Harness, args: Any) -> Sequence[Fault]:
        if self.rehearse is None:
            return ()
        self.told("rehearsing it with simulated agents")
        try:
            return await self.rehearse(harness, args)
        except RuntimeFailure as failure:
            self.told(f"it could not be rehearsed: {failure.what}")
            return ()


def _lines(report: Report, severity: str) -> Iterator[str]:
    for found in report.findings:
        if found.severity == severity:
            yield f"line {found.line} {found.code}: {found.message}"


def _misfit(harness: Harness, args: Any) -> tuple[str, ...]:
    """Return what is wrong with arguments, if anything is."""
    if args is NO_JSON:
        return ("The JSON block with the arguments is no JSON.",)
    try:
        check_args(harness, args)
    except Refused as error:
        return (f"The JSON block with the arguments does not fit ARGS: {error.where or error.what}",)
    return ()


def _shown(faults: Sequence[Fault]) -> str:
    told = [f"- {fault}" + (f"\n  smallest case: {fault.case}" if fault.case else "") for fault in faults[:MOST_FAULTS]]
    more = len(faults) - len(told)
    return "\n".join([*told, *([f"- and {more} more"] if more else [])])


def _parsed(source: str, task: str) -> Harness:
    name = "-".join(re.findall(r"[a-z0-9]+", task.lower())[:5])[:LONGEST_NAME].strip("-") or "harness"
    return parse_harness(source, name=name, filename=f"{name}.py")
