"""Why an agent was asked, and how two runs differ: both read from journals alone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from weft.runtime.journal import AgentState, Past, RunState, Why, executions, fold
from weft.runtime.journal.events import AgentCalled, Event
from weft.runtime.journal.known import changed_fields, counterparts

__all__ = ["MISSING", "Difference", "Explanation", "Findings", "Pair", "compare", "compared", "explain", "explained"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an agent of the latest execution was asked, or was not."""

    agent: AgentState
    execution: int
    """Which execution of the run the latest one is, from 1."""
    why: Why | None
    """`None` where its answer was used again, and in a run's only execution."""


def explain(events: list[tuple[float, Event]], reference: str) -> Explanation:
    """Explain an agent of a run, by its number or label.

    Raises:
        NotFound: the latest execution has no such agent.
    """
    state = fold(events)
    agent = state.find_agent(reference)
    return explained(events, state)[agent.called.id]


def explained(events: list[tuple[float, Event]], state: RunState) -> Mapping[int, Explanation]:
    """Explain all agents of a run, whose journal comes to this state, by their numbers."""
    parts = executions(events)
    asked = [one.called for one in state.agents.values() if not one.reused] if len(parts) > 1 else []
    whys: dict[int, Why] = {}
    if asked:
        assert state.started is not None
        past = Past(
            (event for part in parts[:-1] for _, event in part),
            digest=state.started.digest,
            model=state.started.settings.model,
            again=state.started.again,
        )
        for _, event in parts[-1]:
            past.follow(event)
        past.answers([other.called for other in state.agents.values() if other.reused])
        past.answers(asked)
        whys = {called.id: why for called, why in zip(asked, past.whys(asked), strict=True)}
    return {number: Explanation(one, len(parts), whys.get(number)) for number, one in state.agents.items()}


@dataclass(frozen=True, slots=True)
class Pair:
    """A call of one run and the one that stands in its place in the other; at most one of them is missing."""

    before: AgentCalled | None
    now: AgentCalled | None

    @property
    def fields(self) -> tuple[str, ...]:
        """What is different about them."""
        if self.before is None or self.now is None:
            return ()
        return changed_fields(self.before.request, self.now.request)


@dataclass(frozen=True, slots=True)
class Findings:
    """What of the findings of two runs is the same."""

    alike: int
    """How many are the same in both."""
    changed: tuple[tuple[Any, Any], ...]
    """Those of which most stands in both: before and now."""
    added: tuple[Any, ...]
    gone: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """How two runs differ."""

    before: RunState
    now: RunState
    alike: int
    """How many calls are the same in both."""
    changed: tuple[Pair, ...]
    """The others, in the order of the later run's calls, then those that only the earlier one has."""
    findings: Findings
    """What the harness has published in both."""
    results: tuple[tuple[str, Any, Any], ...]
    """Where the results differ: the place, and what stands there before and now; `MISSING` for nothing."""


MISSING = object()

NEARLY = 0.5
"""Of how large a part two findings have to be the same to be taken for one that has changed."""
MOST_PAIRS = 40_000
"""How many pairs of findings are looked at."""
MOST_WORDS = 300
"""How many words of a finding are."""


def compare(before: RunState, now: RunState) -> Difference:
    """Compare two runs call by call: those with the same content are the same, as many as both have, first in place."""
    left = {_identity(agent.called): agent.called for agent in before.agents.values()}
    right = {_identity(agent.called): agent.called for agent in now.agents.values()}
    common = Counter(called.key for called in left.values()) & Counter(called.key for called in right.values())
    gone = _beyond(common, left, right)
    come = _beyond(common, right, left)
    replaced = counterparts(gone, come)
    pairs = [Pair(replaced.get(called.id), called) for called in come]
    taken = {called.id for called in replaced.values()}
    pairs += [Pair(called, None) for called in gone if called.id not in taken]
    results = _differences("$", _result(before), _result(now))
    findings = compared(before.findings, now.findings)
    return Difference(before, now, common.total(), tuple(pairs), findings, tuple(results))


def compared(before: Sequence[Any], now: Sequence[Any]) -> Findings:
    """Compare findings, in whatever order and shape: those that are the same first, then those that are nearly so."""
    common = Counter(map(_as_text, before)) & Counter(map(_as_text, now))
    gone, come = _unlike(common, before), _unlike(common, now)
    changed: list[tuple[Any, Any]] = []
    if len(gone) * len(come) <= MOST_PAIRS:  # else nobody would look at all these pairs either
        for new in list(come):
            old = max(gone, key=lambda one: _share(one, new), default=None)
            if old is not None and _share(old, new) >= NEARLY:
                changed.append((old, new))
                gone.remove(old)
                come.remove(new)
    return Findings(common.total(), tuple(changed), tuple(come), tuple(gone))


def _as_text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _unlike(common: Counter[str], findings: Sequence[Any]) -> list[Any]:
    """Return the findings beyond those that both have."""
    spare = Counter(common)
    left = []
    for one in findings:
        text = _as_text(one)
        if spare[text] > 0:
            spare[text] -= 1
        else:
            left.append(one)
    return left


def _share(one: Any, other: Any) -> float:
    """Return how much of two findings stands in both: of objects by their fields, of all else by their words."""
    if isinstance(one, dict) and isinstance(other, dict):
        names = {*one, *other}
        same = [name for name in names if name in one and name in other and one[name] == other[name]]
        return len(same) / max(1, len(names))
    first, second = ({*_as_text(value).split()[:MOST_WORDS]} for value in (one, other))
    return len(first & second) / max(1, len(first | second))


def _beyond(
    common: Counter[str], calls: dict[Identity, AgentCalled], others: dict[Identity, AgentCalled]
) -> list[AgentCalled]:
    """Return the calls beyond those that both runs have; first of all those that have no like in their place."""
    spare = Counter(called.key for called in calls.values()) - common
    left = []
    for called in sorted(calls.values(), key=lambda called: _identity(called) in others):
        if spare[called.key] > 0:
            spare[called.key] -= 1
            left.append(called)
    return sorted(left, key=lambda called: called.id)


Identity = tuple[str, str, int]


def _identity(called: AgentCalled) -> Identity:
    return (called.path, called.key, called.occurrence)


def _result(state: RunState) -> Any:
    return state.best.value if state.best else None


def _differences(place: str, before: Any, now: Any) -> list[tuple[str, Any, Any]]:
    if isinstance(before, dict) and isinstance(now, dict):
        names = [*before, *(name for name in now if name not in before)]
        inner = [(f"{place}.{name}", before.get(name, MISSING), now.get(name, MISSING)) for name in names]
    elif isinstance(before, list) and isinstance(now, list):
        longest = range(max(len(before), len(now)))
        inner = [(f"{place}[{i}]", _item(before, i), _item(now, i)) for i in longest]
    elif before is not MISSING and now is not MISSING and before == now and type(before) is type(now):
        return []
    else:
        return [(place, before, now)]
    return [difference for part in inner for difference in _differences(*part)]


def _item(values: list[Any], index: int) -> Any:
    return values[index] if index < len(values) else MISSING
