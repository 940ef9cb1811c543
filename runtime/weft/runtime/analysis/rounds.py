"""What each further round of loops has found, and cost; loops of one place in the harness are taken together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from weft.primitives.lost import NOTHING_SPENT, Spent
from weft.primitives.rounds import LoopHelper
from weft.runtime.journal.agentstate import AgentState
from weft.runtime.journal.callpath import Homes
from weft.runtime.journal.events import AgentCalled, Event, FanOutBegan, LoopEnded, RoundBegan, WorkflowCalled

__all__ = ["LoopRounds", "RoundSum", "rounds"]


@dataclass(slots=True)
class RoundSum:
    """The rounds of one number, of all loops of a place."""

    number: int
    loops: int = 0
    """How many loops came to it."""
    said: int = 0
    """How many of these said what they found in it."""
    found: int = 0
    agents: int = 0
    spent: Spent = NOTHING_SPENT


@dataclass(slots=True)
class LoopRounds:
    """All loops of one place."""

    helper: LoopHelper
    line: int | None
    workflow: str | None
    """The saved harness whose line it is; `None` for the run's own."""
    left: int = 0
    """How many have no end on record: left by `break`, or cut off with the run. What their task did afterwards is
    counted with their last round."""
    rounds: list[RoundSum] = field(default_factory=list)


@dataclass(slots=True)
class _Open:
    """A loop that goes on."""

    of: LoopRounds
    line: int | None
    helper: LoopHelper
    number: int = 0


def rounds(events: Iterable[tuple[float, Event]], agents: Mapping[int, AgentState]) -> list[LoopRounds]:
    """Return the rounds of one execution, by place in the order in which the loops began."""
    homes = Homes()
    places: dict[tuple[str | None, int | None, str], LoopRounds] = {}
    going: dict[str, list[_Open]] = {}
    for _, event in events:
        match event:
            case FanOutBegan(path=path):
                homes.fan_out_began(path)
            case WorkflowCalled(path=path, name=name):
                homes.workflow_called(path, name)
            case RoundBegan(path=path):
                around = homes.of(path)
                inside = around[-1].name if around else None
                fresh = LoopRounds(event.helper, event.line, inside)
                place = places.setdefault((inside, event.line, event.helper), fresh)
                _begin(event, place, going.setdefault(path, []))
            case LoopEnded(path=path):
                _end(event, going.get(path, []))
            case AgentCalled(path=path):
                for one in _around(path, going):
                    this = one.of.rounds[one.number - 1]
                    this.agents += 1
                    this.spent += agents[event.id].spent
            case _:
                pass
    for loops in going.values():
        for one in loops:
            one.of.left += 1
    return list(places.values())


def _around(path: str, going: Mapping[str, list[_Open]]) -> Iterator[_Open]:
    """Yield the loops that a call on this path stands in."""
    at = len(path)
    while at >= 0:
        yield from going.get(path[:at], ())
        at = path.rfind("/", 0, at)


def _begin(event: RoundBegan, place: LoopRounds, loops: list[_Open]) -> None:
    same = [one for one in loops if (one.line, one.helper) == (event.line, event.helper)]
    if event.number == 1:
        for one in same:  # the one before was left
            one.of.left += 1
            loops.remove(one)
        loops.append(_Open(place, event.line, event.helper))
    elif same:
        _found(same[-1], event.found)
    else:
        return
    one = loops[-1] if event.number == 1 else same[-1]
    one.number = event.number
    if len(place.rounds) < event.number:
        place.rounds.append(RoundSum(event.number))
    place.rounds[event.number - 1].loops += 1


def _end(event: LoopEnded, loops: list[_Open]) -> None:
    same = [one for one in loops if one.helper == event.helper and one.number == event.rounds]
    same = [one for one in same if one.line == event.line] or same
    if same:
        _found(same[-1], event.found)
        loops.remove(same[-1])


def _found(one: _Open, found: int | None) -> None:
    if found is not None:
        this = one.of.rounds[one.number - 1]
        this.said += 1
        this.found += found
