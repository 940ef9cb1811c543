"""How much of what a run set out to do it has done, and what each loss has meant: in numbers, and in words.

Every agent, every call of the host, and every branch of a fan-out, is counted once, as what became of it:

    done        it gave a value
    lost        it failed; a branch also where it gave `None` and an agent in it was lost
    dropped     a branch that gave `None` of its own accord
    cancelled   nobody waited for it any more
    cut         it never came to an end, because the run did; of a run that goes on: it has not yet
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, get_args

from weft.primitives.calls import FanOutKind
from weft.primitives.errors import AgentFailed
from weft.runtime.journal.agentstate import AgentState
from weft.runtime.journal.callpath import Step, askers, steps
from weft.runtime.journal.events import BranchRaised, HostCalled
from weft.runtime.journal.fold import FanOutState, RunState
from weft.runtime.journal.fullness import full_in
from weft.runtime.journal.hoststate import HostCallState

__all__ = ["Coverage", "FanOuts", "Fate", "coverage_of"]

Fate = Literal["done", "lost", "dropped", "cancelled", "cut"]

CallState = AgentState | HostCallState
"""What is known of an agent, or of another call of which something can be lost."""

MEANING: dict[Fate, str] = {
    "done": "has a value all the same",
    "lost": "is missing",
    "dropped": "is missing",
    "cancelled": "was cancelled",
    "cut": "never came to an end",
}


@dataclass(slots=True)
class FanOuts:
    """All fan-outs that began in one place of the harness, added up."""

    line: int | None
    kind: FanOutKind
    workflow: str | None
    """The saved harness whose line it is; `None` for the run's own."""
    times: int = 0
    fates: Counter[Fate] = field(default_factory=Counter)
    """Of their branches."""

    @property
    def missing(self) -> int:
        """How many branches gave no value that somebody waited for."""
        return self.fates["lost"] + self.fates["dropped"] + self.fates["cut"]

    def text(self) -> str:
        """Return it as a line for people, as in `pipeline at line 31: 12 of 15 items done, 2 lost, 1 dropped`."""
        where = f"{self.kind} at line {self.line}" + (f" of {self.workflow}" if self.workflow else "")
        parts = "branches" if self.kind == "parallel" else "items"
        others = [f"{self.fates[fate]} {fate}" for fate in get_args(Fate)[1:] if self.fates[fate]]
        return ", ".join([f"{where}: {self.fates['done']} of {self.fates.total()} {parts} done", *others])


class Coverage:
    """What became of everything that a run has begun."""

    def __init__(self, state: RunState) -> None:
        self.state = state
        """Of which this is said; it may have grown since."""
        self._lost_in = _by_branch([*state.lost, *state.host_calls.lost])
        self._raised_in = {
            id(raised): path for path, fan_out in state.fan_outs.items() for raised in fan_out.raised.values()
        }
        """The fan-out that each error was raised in, by the identity of its event."""
        whole = all(fan_out.ended is not None for fan_out in state.fan_outs.values())
        self._calls_in = {} if whole else _by_branch([*state.agents.values(), *state.host_calls.values()])
        self._fates = {path: self._fates_of(path, fan_out) for path, fan_out in state.fan_outs.items()}
        self.agents: Counter[Fate] = Counter(self._fate(agent) for agent in state.agents.values())
        """Of all agents that were called."""
        self.host_calls: Counter[Fate] = Counter(self._fate(call) for call in state.host_calls.values())
        """Of all calls of the host."""
        self.fan_outs = self._added_up()
        """In order of first appearance."""
        self.full_lists = full_in(state.agents.values(), state.homes)
        """Lists of answers of which there may be more."""

    def _fate(self, call: CallState) -> Fate:
        match call.standing:
            case "done" | "lost":
                return call.standing
            case "cancelled" if self.state.outcome == "completed" or self._in_ended(call):
                return "cancelled"
        return "cut"

    def _in_ended(self, call: CallState) -> bool:
        """Tell whether a fan-out around a call is over; one that is cancelled in another was ended with the run."""
        around = (self.state.fan_outs.get(step.fan_out) for step in steps(call.called.path))
        return any(fan_out is not None and fan_out.ended is not None for fan_out in around)

    def _fates_of(self, path: str, fan_out: FanOutState) -> list[Fate]:
        """Return what became of each branch."""
        branches = [Step(path, branch) for branch in range(fan_out.began.width)]
        ended = fan_out.ended
        if ended is None:
            return [self._fate_so_far(branch, fan_out) for branch in branches]
        fates: list[Fate] = ["done"] * fan_out.began.width
        for branch in ended.lost:
            fates[branch] = "lost"
        for branch in ended.dropped:
            fates[branch] = "lost" if branches[branch] in self._lost_in else "dropped"
        for branch in ended.cancelled:
            fates[branch] = "cancelled"
        return fates

    def _fate_so_far(self, step: Step, fan_out: FanOutState) -> Fate:
        """Return what a branch has come to in a fan-out that never ended, as far as its calls tell.

        One that waits for nobody has ended: a harness goes on until all it is in waits for answers.
        """
        calls = self._calls_in.get(step, [])
        if step.branch in fan_out.raised:
            return "lost"
        if not calls or any(self._fate(call) == "cut" for call in calls):
            return "cut"
        return "lost" if calls[-1].standing == "lost" else "done"

    def _added_up(self) -> list[FanOuts]:
        places: dict[tuple[str | None, int | None, FanOutKind], FanOuts] = {}
        for path, fan_out in self.state.fan_outs.items():
            began = fan_out.began
            workflow = began.chain[-1] if began.chain else None
            place = places.setdefault((workflow, began.line, began.kind), FanOuts(began.line, began.kind, workflow))
            place.times += 1
            place.fates.update(self._fates[path])
        return list(places.values())

    # ------------------------------------------------------------------------------------------ what a loss has meant

    def consequence(self, call: CallState) -> str:
        """Return what the loss of a call has meant to the run, in words."""
        called = call.called
        if above := askers(called.path):
            return f"agent {above[-1]}, which asked for it, was told"
        if meant := "; ".join(self._outwards(steps(called.path))):
            return meant
        if isinstance(called, HostCalled) or not called.request.critical:
            return f"{'the harness' if called.path else 'main'} got None at line {called.line}"
        problem = self.state.ended.problem if self.state.ended else None
        if problem is not None and problem.message.startswith(AgentFailed.__name__):
            return "the run ended, since it was critical"
        return f"{'the harness' if called.path else 'main'} got an error at line {called.line}, since it was critical"

    def consequence_of_error(self, raised: BranchRaised) -> str:
        """Return what it has meant that a branch raised an error, in words."""
        inner = [Step(self._raised_in[id(raised)], raised.index)] if id(raised) in self._raised_in else []
        return "; ".join(self._outwards([*steps(raised.path), *inner])) or "its result is missing"

    def _outwards(self, way: list[Step]) -> Iterator[str]:
        """Yield what became of each branch on the way, innermost first, up to one that the loss did not get through."""
        for step in reversed(way):
            fan_out = self.state.fan_outs.get(step.fan_out)
            # A saved harness is a branch of its own, and older journals know no fan-outs. A child may say anything.
            if fan_out is None or step.branch >= fan_out.began.width:
                continue
            fate = self._fates[step.fan_out][step.branch]
            yield f"{_named(step, fan_out)} {MEANING[fate]}"
            if fate not in ("lost", "dropped"):
                return


_latest: list[tuple[tuple[int, int, bool], Coverage]] = []
"""The coverage that was worked out last, and of how far a run it is."""


def coverage_of(state: RunState) -> Coverage:
    """Return what became of everything that a run has begun; of a large one that takes seconds, and is done once."""
    known = (state.execution, state.events, state.killed)
    if not (_latest and _latest[0][0] == known and _latest[0][1].state is state):
        _latest[:] = [(known, Coverage(state))]
    return _latest[0][1]


def _named(step: Step, fan_out: FanOutState) -> str:
    began = fan_out.began
    part = "branch" if began.kind == "parallel" else "item"
    of = f" of {began.chain[-1]}" if began.chain else ""
    return f"{part} {step.branch} of the {began.kind} at line {began.line}{of}"


def _by_branch(calls: Iterable[CallState]) -> dict[Step, list[CallState]]:
    """Return the calls in each branch, those of the fan-outs in it included, in their order."""
    found: dict[Step, list[CallState]] = defaultdict(list)
    for call in sorted(calls, key=lambda call: call.called.id):
        for step in steps(call.called.path):
            found[step].append(call)
    return found
