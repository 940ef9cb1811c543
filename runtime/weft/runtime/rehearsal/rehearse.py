"""A run with simulated agents, before any money is spent: many of them, and what they have shown together.

The real harness is executed in the real sandbox by the real scheduler, on a virtual clock; only what agents and people
answer is made up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from weft.runtime.project.harness import Harness
from weft.runtime.rehearsal.pairs import Confused, Pairs
from weft.runtime.rehearsal.playing import Played, Stage
from weft.runtime.rehearsal.report import Crash, Rehearsal, unreached
from weft.runtime.rehearsal.searching import Search, places_in
from weft.runtime.rehearsal.shrinking import fault_of, shrunk, stub_of
from weft.runtime.settings import Settings

__all__ = ["RUNS", "rehearse"]

RUNS = 100
"""How many runs a search takes at most, where nobody says how many."""

MOST_AGENTS = (800, 20_000)
"""How many agents the runs of a search start together, before it ends: where nobody says how many runs, and where."""

MOST_PAIRED = (400, 8_000)
"""The same of the pairs."""

MOST_CRASHES = 5
"""How many ways to break a harness are told."""

MOST_VARIED = 150
"""Agents of a run above which no pairs are played near it."""


async def rehearse(
    harness: Harness,
    args: Any,
    settings: Settings,
    find_harness: Callable[[str], Harness | None],
    *,
    runs: int | None = None,
    seed: int = 0,
) -> Rehearsal:
    """Rehearse a harness. The same harness, arguments, settings and seed always give the same result.

    Args:
        harness: What is rehearsed.
        args: Its arguments.
        settings: Limits, ceilings, folders; resolved.
        find_harness: Finds saved harnesses.
        runs: How many runs the search takes; without it so many as show anything new, and at most `RUNS`. Pairs, and
            making crashes smaller, take some more.
        seed: Another one takes other ways.
    """
    stage = Stage(harness, args, settings, find_harness)
    asked = runs is not None
    search = Search(stage, runs or RUNS, seed, agents=MOST_AGENTS[asked], all_runs=asked)
    await search.play()
    places = places_in(harness.source)
    return Rehearsal(
        played=tuple(search.played),
        crashes=tuple(await _crashes(stage, search)),
        confused=tuple(await _confused(stage, search, MOST_PAIRED[asked])),
        never_reached=tuple(unreached(harness.source, places, search.lines, search.ways)),
        statements=len(places.statements),
        unreached=len(set(places.statements) - search.lines),
        places=(len(search.calls), len(places.calls)),
    )


async def _crashes(stage: Stage, search: Search) -> list[Crash]:
    """Return each way to break it, by the smallest run that did."""
    broken: dict[Any, list[Played]] = {}
    for played in search.played:
        fault = fault_of(played)
        if fault is not None and played.ended.pause is None:
            broken.setdefault(fault, []).append(played)
    crashes = []
    for runs in list(broken.values())[:MOST_CRASHES]:
        first = min(runs, key=lambda played: len(played.answers))
        smallest = await shrunk(stage, first, search.known)
        assert smallest.problem is not None
        crashes.append(Crash(smallest.problem, _manner(first), len(runs), stub_of(smallest)))
    return crashes


def _manner(played: Played) -> str:
    """Return how agents behaved in a run, in words."""
    return played.manner.name or f"varied answers (seed {played.manner.seed})"


async def _confused(stage: Stage, search: Search, agents: int) -> list[Confused]:
    """Return the pairs that came out wrong near the run in which most was reached."""
    calm = [played for played in search.played if played.problem is None and played.ended.outcome == "completed"]
    calm = [played for played in calm if not played.manner.loses and 0 < played.agents <= MOST_VARIED]
    if not calm:
        return []
    base = max(calm, key=lambda one: (len(one.observation.calls), len(one.observation.lines), -one.agents))
    found: dict[tuple[str, int], Confused] = {}
    async for one in Pairs(stage, base, search.known, agents=agents).confused():
        found.setdefault((one.kind, one.line), one)
    return list(found.values())
