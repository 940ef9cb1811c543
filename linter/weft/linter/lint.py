"""Checking a harness: parse once, follow once, let each rule look, leave out what is suppressed."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from weft.linter.bound import bound_of, unknown_bound, widths_of
from weft.linter.effort import TOO_MUCH, allowance, why
from weft.linter.facts import Facts, gather
from weft.linter.facts.apart import Unfollowed
from weft.linter.facts.domain.values import constant
from weft.linter.facts.events import Asked, PrimitiveCalled
from weft.linter.facts.known.acting import may_use, names_of
from weft.linter.facts.repeating import FanOut
from weft.linter.finding import Finding
from weft.linter.guard import Guard
from weft.linter.load import bad_ceilings, most_agents, parse, problems
from weft.linter.positions import Positions, without_mark
from weft.linter.problem import INTERNAL, PROFILE, SAVED, UNFOLLOWED
from weft.linter.report import Report
from weft.linter.role import Role, RoleOf, nobody
from weft.linter.rules import RULES, Rule
from weft.linter.suppress import suppressed
from weft.primitives.language import MAX_AGENTS
from weft.primitives.language.ceilings import BUDGET_SINCE
from weft.primitives.limits import LANGUAGE

__all__ = ["lint"]


def lint(
    source: str,
    *,
    filename: str = "harness.py",
    workflows: Callable[[str], str | None] | None = None,
    max_agents: int = MAX_AGENTS,
    language: int = LANGUAGE,
    guesses: bool = False,
    tools: Sequence[str] = (),
    profiles: RoleOf = nobody,
) -> Report:
    """Check a harness. Nothing of it is executed.

    Args:
        source: The harness.
        filename: What to call it when the linter itself fails.
        workflows: Returns the source of a saved harness; one that is called as `workflow("name")` is checked too.
        max_agents: How many agents a run may start.
        language: The version of the language that it is executed in, which that of a run decides that goes on.
        guesses: Whether to ask the rules too that guess.
        tools: The tools that the project adds for harnesses to call; of a server, `mcp:NAME.*`.
        profiles: Tells of a profile by its name.
    """
    rules = tuple(rule for rule in RULES if rule.since <= language and (guesses or not rule.guess))
    asked = (source, workflows is None, max_agents, language, rules, tuple(tools))
    if asked in _reports:
        return _reports[asked]
    elsewhere = _Elsewhere(workflows, profiles)
    source_of = None if workflows is None else elsewhere.source_of
    together = _Together(source_of, max_agents, language, rules, tuple(tools), elsewhere.role_of)
    with together.guard.on_duty():
        report = together.report(source, filename)
    if not elsewhere.asked and _PASSING.isdisjoint(found.code for found in report.findings):
        while len(_reports) >= _KEPT:
            del _reports[next(iter(_reports))]
        _reports[asked] = report
    return report


_KEPT = 16
"""Of how many harnesses the reports are kept: one is looked at when it is written, planned, shown and run."""

_reports: dict[tuple[object, ...], Report] = {}
"""The reports on harnesses that depend on themselves alone."""

_PASSING = frozenset((INTERNAL.code, UNFOLLOWED.code))
"""Findings that may be others the next time."""


class _Elsewhere:
    """What is said of saved harnesses and of profiles, and whether anybody has asked."""

    def __init__(self, workflows: Callable[[str], str | None] | None, profiles: RoleOf) -> None:
        self.asked = False
        self._workflows = workflows
        self._profiles = profiles

    def source_of(self, name: str) -> str | None:
        self.asked = True
        return None if self._workflows is None else self._workflows(name)

    def role_of(self, name: str) -> Role:
        self.asked = True
        return self._profiles(name)


class _Together:
    """A harness and the saved harnesses that it calls, each of which is checked once, within the limits for one."""

    def __init__(
        self,
        workflows: Callable[[str], str | None] | None,
        max_agents: int,
        language: int,
        rules: tuple[Rule, ...],
        tools: tuple[str, ...],
        profiles: RoleOf,
    ) -> None:
        self._role_of = profiles
        self._rules = rules
        self._source_of = workflows
        self._max_agents = max_agents
        self._language = language
        self._tools = tools
        self.guard = Guard()
        self._saved: dict[str, Report] = {}
        """What is said of saved harnesses; nothing yet of one that is being checked."""

    def report(self, source: str, filename: str) -> Report:
        """Check one harness."""
        source = without_mark(source)
        tree = parse(source)
        if isinstance(tree, Finding):
            return Report((tree,), unknown_bound(tree.message, tree.line))
        checking = _Checking(filename, self.guard)
        checking.stage("what makes a file a harness", lambda: self._problems(tree, source), vital=True)
        most = self._max_agents if self._language < BUDGET_SINCE else most_agents(tree, self._max_agents)
        adds = self._tools, self._role_of
        report, named = _by_rules(checking, source, tree, self._source_of, most, self._rules, *adds)
        places = Positions(source)
        others = (*self._in_saved(named.saved, places), *self._in_profiles(named.profiles, places))
        found = [*checking.found, *_unfollowed(checking.left), *others]
        left = suppressed(found, source, tree, self._rules)
        ordered = sorted(left, key=lambda one: (one.line, one.column, one.code, one.message))
        tools = named.tools.union(*(self._of_saved(name).tools for name in named.saved.values()))
        return replace(report, findings=tuple(ordered), tools=tools)

    def _problems(self, tree: ast.Module, source: str) -> Iterator[Finding]:
        yield from problems(tree, Positions(source))
        if self._language >= BUDGET_SINCE:
            yield from bad_ceilings(tree, Positions(source))

    def _in_saved(self, calls: dict[ast.Call, str], positions: Positions) -> Iterator[Finding]:
        for node, name in calls.items():
            (line, column), (end_line, end_column) = positions.start(node), positions.end(node)
            for error in self._of_saved(name).errors[:_TOLD]:
                found = SAVED.at(line, column, file=f"{name}.py", at=error.line, what=f"{error.code} {error.message}")
                yield replace(found, end_line=end_line, end_column=end_column)

    def _in_profiles(self, names: dict[tuple[ast.Call, str], None], positions: Positions) -> Iterator[Finding]:
        for node, name in names:
            problem = self._role_of(name).problem
            if problem is not None:
                (line, column), (end_line, end_column) = positions.start(node), positions.end(node)
                found = PROFILE.at(line, column, what=f"{problem[:1].upper()}{problem[1:]}")
                yield replace(found, end_line=end_line, end_column=end_column)

    def _of_saved(self, name: str) -> Report:
        if name not in self._saved:
            self._saved[name] = nothing = Report((), unknown_bound("it calls itself"))
            source = self._source_of(name) if self._source_of is not None else None
            # Of one that there is not, the bound speaks.
            self._saved[name] = nothing if source is None else self.report(source, f"{name}.py")
        return self._saved[name]


STEPS = 800_000
"""How many steps each stage after the harness was followed may take, and all rules twice that; most take few."""


class _Checking:
    """The stages in which one harness is checked: one that fails, or takes too long, does not silence the others."""

    def __init__(self, filename: str, guard: Guard) -> None:
        self._filename = filename
        self.guard = guard
        self.found: list[Finding] = []
        self.left: list[tuple[int, str]] = []
        """What was left unchecked: the line, and what and why."""

    def stage(self, what: str, check: Callable[[], Iterable[Finding]], *, vital: bool = False) -> None:
        """Take in what one stage finds; where a `vital` one fails, that is an error."""
        try:
            with self.guard.stage(), allowance(STEPS):
                self.found += check()
        except TOO_MUCH as error:
            self.left.append((1, f"{what} was not ({why(error)})"))
        except Exception as error:  # noqa: BLE001 - a fault in one stage must not silence the others
            self.failed(what, error, vital=vital)

    def failed(self, what: str, error: Exception, *, vital: bool) -> None:
        """Note that the linter itself failed."""
        found = INTERNAL.at(file=self._filename, where=what, error=f"{type(error).__name__}: {error}")
        self.found.append(replace(found, severity="error") if vital else found)


def _by_rules(
    checking: _Checking,
    source: str,
    tree: ast.Module,
    workflows: Callable[[str], str | None] | None,
    max_agents: int,
    rules: Iterable[Rule],
    tools: tuple[str, ...],
    role_of: RoleOf,
) -> tuple[Report, _Named]:
    """Follow a harness, let the rules look; return the report without what was found, and what of others it names."""
    try:
        facts = gather(source, tree, workflows, max_agents, checking.guard.stage)
        facts.tools, facts.role_of = tools, role_of
        fan_outs = list(facts.each(FanOut))
        bound, widths = bound_of(facts.cost, fan_outs), widths_of(fan_outs, facts.positions)
    except Exception as error:  # noqa: BLE001 - a fault of the linter must not keep a harness from being run
        checking.failed("following the harness", error, vital=True)
        return Report((), unknown_bound("the linter failed")), _Named({}, {}, frozenset(("",)))
    if facts.unfollowed.failure is not None:
        checking.failed("following the harness", facts.unfollowed.failure, vital=True)
    checking.left += _places(facts.unfollowed)
    with allowance(2 * STEPS):
        for rule in rules:
            checking.stage(f"rule {rule.code}", partial(rule.check, facts), vital=not rule.suppressible)
    return Report((), bound, widths), _named_in(facts)


class _Named(NamedTuple):
    """What a harness names that is elsewhere, as far as the names are known."""

    saved: dict[ast.Call, str]
    """Saved harnesses that it calls."""
    profiles: dict[tuple[ast.Call, str], None]
    """Profiles by which its agents are to go, with each call."""
    tools: frozenset[str]
    """Tools that its agents may be given, or that it calls; an empty name where one is not known."""


def _named_in(facts: Facts) -> _Named:
    called = [(event.name, event.call) for event in facts.each(PrimitiveCalled)]
    saved = ((call.node, constant(call.argument(0, "name"))) for name, call in called if name == "workflow")
    asked = [event.call for event in facts.each(Asked)]
    by = ((call.node, constant(call.keywords.get("profile"))) for call in asked)
    used = [names_of(call.argument(0, "name")) for name, call in called if name == "tool"]
    return _Named(
        {node: name for node, name in saved if isinstance(name, str)},
        {(node, name): None for node, name in by if isinstance(name, str)},
        frozenset().union(*used, *(may_use(call, facts.role_of) for call in asked)),
    )


_TOLD = 5
"""How many of the places of one kind that were not followed are told, and of the errors in one saved harness."""


def _places(unfollowed: Unfollowed) -> Iterator[tuple[int, str]]:
    """Yield what was not followed: on which line, and what of it."""
    if unfollowed.gave_up:
        line = getattr(unfollowed.at, "lineno", 1)
        yield line, f"following it was given up here ({unfollowed.gave_up}), and each function looked at by itself"
    for statement, reason in [*unfollowed.skipped.items()][:_TOLD]:
        yield statement.lineno, f"this statement was passed over ({reason})"
    for name, line in unfollowed.functions[:_TOLD]:
        yield line, f"{name} was not followed to its end, not even by itself"


def _unfollowed(left: Iterable[tuple[int, str]]) -> Iterator[Finding]:
    for line, what in dict.fromkeys(left):
        yield UNFOLLOWED.at(line, what=what)
