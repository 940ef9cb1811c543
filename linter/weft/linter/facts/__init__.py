"""What rules may ask about a harness. It is followed once, along all its paths, and never executed.

`follow` leads through the code, with the values of `domain` and with what `known` says of functions; what happens on
the way is noted as `events`. `names` and `places` say what the syntax alone tells.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, TypeVar

from weft.linter.effort import TOO_MUCH, allowance, spend, why
from weft.linter.facts.apart import Unfollowed, functions_in, look_apart, plainly_endless
from weft.linter.facts.domain.amounts import ZERO, endless
from weft.linter.facts.domain.code import Call, Coroutine, Env, Function
from weft.linter.facts.domain.contained import contents
from weft.linter.facts.domain.cost import Costs, started
from weft.linter.facts.domain.given import given
from weft.linter.facts.domain.holding import ANY
from weft.linter.facts.domain.intervals import Interval
from weft.linter.facts.domain.meeting import join
from weft.linter.facts.domain.reasons import Reason
from weft.linter.facts.domain.schema import schema_of
from weft.linter.facts.domain.values import Dict, Listing, Value
from weft.linter.facts.events import Event
from weft.linter.facts.follow.attributes import attribute
from weft.linter.facts.follow.awaiting import awaited
from weft.linter.facts.follow.calls import called
from weft.linter.facts.follow.expressions import EXPRESSIONS
from weft.linter.facts.follow.imports import free_name
from weft.linter.facts.follow.machine import Machine, Tables
from weft.linter.facts.follow.saved import Saved
from weft.linter.facts.follow.seen import reach
from weft.linter.facts.follow.stack import Frame
from weft.linter.facts.follow.statements import STATEMENTS
from weft.linter.facts.known.functions import native
from weft.linter.facts.places import Places
from weft.linter.facts.readings import SchemaGiven
from weft.linter.facts.repeating import FanOut, Loop
from weft.linter.facts.sites import Site
from weft.linter.positions import Positions
from weft.linter.role import RoleOf, nobody
from weft.primitives.language import ENTRY, MAX_AGENTS
from weft.primitives.language.refusals import Refusal, refusals
from weft.primitives.language.scopes import Scopes

__all__ = ["Facts", "gather"]

E = TypeVar("E")

STEPS_TO_FOLLOW = 12_000_000
"""How many steps of all work following a harness may take."""

TABLES = Tables(EXPRESSIONS, STATEMENTS, native, attribute, called, free_name)


@dataclass(slots=True)
class Facts:
    """A harness and what was found out about it."""

    source: str
    tree: ast.Module
    scopes: Scopes
    positions: Positions
    places: Places
    """What each node stands in."""
    max_agents: int
    """How many agents a run may start."""
    tools: tuple[str, ...] = ()
    """The tools that the project adds, see `weft.primitives.tools.is_added`."""
    refused: list[Refusal] = field(default_factory=list)
    """What the language does not have."""
    events: list[Event] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    """Where coroutines are made."""
    cost: Costs = ()
    """What a run costs."""
    result: Value = ANY
    """What a run returns."""
    unfollowed: Unfollowed = field(default_factory=Unfollowed)
    """What was not followed."""
    role_of: RoleOf = nobody
    """Tells of the profiles by which agents go."""
    steps: int = 0
    """How many nodes were looked at, each time counted: how long it took, on any machine."""
    _by_kind: dict[type, list[Any]] = field(default_factory=dict)
    """The events by their kinds, of the first `_sorted` that there were."""
    _sorted: int = 0
    _found: dict[Callable[[Facts], Any], Any] = field(default_factory=dict)

    def once(self, find: Callable[[Facts], E]) -> E:
        """Return what several rules look for, which is looked for once."""
        if find not in self._found:
            self._found[find] = find(self)
        found: E = self._found[find]
        return found

    def each(self, kind: type[E]) -> Iterator[E]:
        """Yield what happened of one kind, in the order in which the harness was followed."""
        if self._sorted != len(self.events):
            self._sorted, self._by_kind = len(self.events), {}
            for event in self.events:
                spend(1)
                self._by_kind.setdefault(type(event), []).append(event)
        for event in self._by_kind.get(kind, ()):
            spend(1)
            yield event


def gather(
    source: str,
    tree: ast.Module,
    workflows: Callable[[str], str | None] | None = None,
    max_agents: int = MAX_AGENTS,
    watched: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Facts:
    """Follow a harness and return what was found out; `watched` is entered for each stretch that can take long."""
    machine = Machine(tree, TABLES, Saved(workflows, _harness).step)
    refused = refusals(tree, machine.scopes)
    facts = Facts(source, tree, machine.scopes, Positions(source), Places(tree), max_agents, refused=refused)
    with _giving_up(facts, machine), watched(), allowance(STEPS_TO_FOLLOW):
        facts.result = _harness(machine, tree, None)
        facts.cost = machine.state.cost
        _follow_the_rest(machine, tree)
    if facts.unfollowed:
        machine = _apart_machine(tree)
        with _giving_up(facts, machine), watched():
            facts.unfollowed.functions += _apart(machine, tree)
    facts.unfollowed.skipped |= machine.skipped
    facts.events, facts.sites = machine.events, list(machine.sites.values())
    facts.steps = machine.steps
    if facts.unfollowed:
        facts.events += plainly_endless(tree, {loop.node for loop in facts.each(Loop)})
        where = facts.unfollowed.at or next(iter(machine.skipped), tree)
        text = "the harness is too large or nested too deeply to be followed"
        reason = Reason(getattr(where, "lineno", 1), text, "split it", "unknown", "agents")
        facts.cost = (started(reason.line, "the harness", Interval(ZERO, endless(reason))),)
    return facts


@contextmanager
def _giving_up(facts: Facts, machine: Machine) -> Iterator[None]:
    """Note why a harness could not be followed to its end, instead of failing."""
    try:
        yield
    except TOO_MUCH as error:
        facts.unfollowed.gave_up = facts.unfollowed.gave_up or why(error)
        facts.unfollowed.at = facts.unfollowed.at or machine.where
    except Exception as error:  # noqa: BLE001 - a fault of the linter must not hide what can still be found
        facts.unfollowed.failure = facts.unfollowed.failure or error


def _apart_machine(tree: ast.Module) -> Machine:
    machine = Machine(tree, TABLES, Saved(None, _harness).step)
    machine.alone = True
    machine.frames.append(Frame(tree, Env(tree)))
    return machine


def _apart(machine: Machine, tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Follow each function of a harness by itself, and yield those that were not followed to their ends."""
    env, top = machine.frame.env, machine.state

    def follow(node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        machine.restart(top)
        _result(machine, Function(node=node, env=env))

    yield from look_apart(tree, lambda: machine.execute(tree.body), follow)
    _without_widths(machine, 0)


def _harness(machine: Machine, tree: ast.Module, arguments: Value | None) -> Value:
    """Follow a harness from its first line, with some arguments or with any, and return what its `main` returns.

    Afterwards the state of the machine holds for all ways in which a run can end.
    """
    env = Env(tree)
    machine.frames.append(Frame(tree, env))
    machine.arguments = arguments or given((), None)
    machine.execute(tree.body)
    for name in ("ARGS", "RESULT"):
        declared = machine.state.cells.get((env, name))
        if isinstance(declared, Dict):
            machine.note(SchemaGiven(declared, name, declared.node or tree))
    declared = machine.state.cells.get((env, "ARGS"))
    machine.arguments = arguments or given((), schema_of(declared, "ARGS"))
    main = machine.state.cells.get((env, ENTRY), ANY)
    result = _result(machine, main, machine.arguments) if isinstance(main, Function) else ANY
    for value in contents(result):
        if not _has_no_order(value):
            reach(machine, value.marks, tree)
    machine.state = join([machine.state], machine.ways.raises)
    return result


def _has_no_order(value: Value) -> bool:
    """Tell whether the order of what is in a value means nothing: a set, or a dict with whatever keys."""
    return value.values is not None if isinstance(value, Dict) else isinstance(value, Listing) and value.kind == "set"


def _result(machine: Machine, function: Function, *args: Value) -> Value:
    """Return what a function returns, awaited if it must be."""
    call = ast.copy_location(ast.Call(ast.Name("", ast.Load()), [], []), function.node)
    begun = machine.call(function, Call(call, args, complete=bool(args), written=False))
    machine.consume(begun)
    return awaited(machine, begun, call) if isinstance(begun, Coroutine) else begun


def _follow_the_rest(machine: Machine, tree: ast.Module) -> None:
    """Follow the functions that nothing calls, so that what is wrong in them is found too.

    How wide their fan-outs are is left out: it is up to arguments that nobody gives.
    """
    before, noted = machine.state.fork(), len(machine.events)
    for node in functions_in(tree):
        if node not in machine.followed:
            machine.state = before.fork()
            _result(machine, Function(node=node, env=machine.frame.env))
    _without_widths(machine, noted)


def _without_widths(machine: Machine, noted: int) -> None:
    """Leave out of the events from one on how wide fan-outs are."""
    rest = machine.events[noted:]
    machine.events[noted:] = [event for event in rest if not isinstance(event, FanOut) and not _walks_a_list(event)]


def _walks_a_list(event: Event) -> bool:
    return isinstance(event, Loop) and event.cause == "list"
