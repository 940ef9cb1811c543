"""What a ceiling leaves of a harness: runs whose answers are known once more, now that agents cost what is expected.

A run that is paused tells by itself that money was missing. What no run tells is a part of the harness that a ceiling
keeps closed, such as one behind a comparison of dollars with a number of tokens: it ends as if it were complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from weft.runtime.ceiling import Ceiling
from weft.runtime.journal.events import AgentLost, Logged
from weft.runtime.rehearsal.answering import Lost, Seat
from weft.runtime.rehearsal.comparing import patterns_of
from weft.runtime.rehearsal.knowledge import scalars_in
from weft.runtime.rehearsal.pairs.near import Confused
from weft.runtime.rehearsal.playing import Played, Stage
from weft.runtime.rehearsal.searching import Search

__all__ = ["Afforded", "afforded", "closed"]

MOST_PLAYED = 4
"""How many runs are played once more."""

MOST_VARIED = 150
"""Agents of a run above which it is not."""


@dataclass(frozen=True, slots=True)
class Afforded:
    """How runs went whose agents cost what is expected, under the ceiling that holds."""

    ceiling: Ceiling
    runs: int
    paused: int
    """How many of them were paused, or ended, because the ceiling held no more."""
    lost: int
    """In how many others agents were lost for that."""
    never: tuple[int, ...]
    """Lines of which agents are asked with the same answers where nothing costs anything, and in none of these runs."""


async def afforded(stage: Stage, search: Search) -> Afforded | None:
    """Play runs once more in which agents cost what is expected; `None` without a ceiling, or a run to play."""
    ceiling, runs = stage.settings.ceiling, _covering(search.played)
    if ceiling == Ceiling() or not runs:
        return None
    dear = [await _again(stage, search, played, priced=True) for played in runs]
    paused = [played.ended.outcome == "paused" for played in dear]
    lost = [not gone and _unpaid(played) for played, gone in zip(dear, paused, strict=True)]
    return Afforded(ceiling, len(dear), sum(paused), sum(lost), tuple(sorted(_lines(runs) - _lines(dear))))


async def closed(stage: Stage, search: Search) -> list[Confused]:
    """Return where agents are never asked under a ceiling, whatever they cost, and would be without one."""
    runs = _covering(search.played)[:1]
    if "budget" not in stage.harness.source or stage.settings.ceiling == Ceiling() or not runs:
        return []
    without = replace(stage.settings, budget_usd=None, budget_tokens=None, hold={})
    free = await _again(replace(stage, settings=without), search, runs[0])
    shut = _lines([free]) - _lines(search.played)
    asked = [line for line in _called(free).values() if line in shut]
    instead_of = free.agents - len(asked) < runs[0].agents  # then others are asked who do it in another way
    if free.endless or instead_of or _patterns(runs[0]) - _patterns(free):
        return []
    what = f"under {_words(stage.settings.ceiling)} no agent is ever asked here, whatever they cost, and nothing tells"
    both = runs[0].ended.result, free.ended.result
    return [Confused("closed", line, what, "the ceiling that holds", "no ceiling", *both) for line in sorted(shut)[:1]]


def _covering(played: Sequence[Played]) -> list[Played]:
    """Return a few runs that did all that any did in which nothing failed, with the widest of the others."""
    calm = [one for one in played if one.manner.usual and not one.manner.charge and one.ended.outcome == "completed"]
    left = [one for one in calm if one.problem is None and 0 < one.agents <= MOST_VARIED]
    found: list[Played] = []
    lines: set[int] = set()
    while left and len(found) < MOST_PLAYED:
        best = max(left, key=lambda one: (len(set(one.observation.lines) - lines), one.agents))
        found.append(best)
        lines.update(best.observation.lines)
        left.remove(best)
    return found


async def _again(stage: Stage, search: Search, played: Played, *, priced: bool = False) -> Played:
    given: dict[Seat, Any] = {answer.seat: answer.value for answer in played.answers}
    return await stage.play(replace(played.manner, priced=priced), search.known, instead=given)


def _called(played: Played) -> dict[int, int]:
    """Return on which line each agent is asked that no saved harness asks, by its number."""
    return {number: int(place) for number, place in played.timing.places.items() if place.isdecimal()}


def _lines(runs: Iterable[Played]) -> set[int]:
    """Return the lines of which agents were asked, and not lost before they began."""
    found: set[int] = set()
    for played in runs:
        unasked = {event.id for event in played.events if isinstance(event, AgentLost) and not event.lost.attempts}
        begun = {answer.called.id for answer in played.answers} - unasked
        found.update(line for number, line in _called(played).items() if number in begun)
    return found


def _unpaid(played: Played) -> bool:
    lost = (event.lost for event in played.events if isinstance(event, AgentLost))
    said = any(isinstance(answer.value, Lost) for answer in played.answers)
    return not said and any(one.cause == "stopped" for one in lost)


def _patterns(played: Played) -> set[str]:
    """Return what a run logged, without what agents said in it."""
    said = {str(scalar) for answer in played.answers for _, scalar in scalars_in(answer.value)}
    return patterns_of((event.message for event in played.events if isinstance(event, Logged)), said)


def _words(ceiling: Ceiling) -> str:
    limits = [] if ceiling.usd is None else [f"${ceiling.usd:g}"]
    limits += [] if ceiling.tokens is None else [f"{ceiling.tokens:,} tokens"]
    return f"the ceiling of {' and '.join(limits)}"
