"""A run with simulated agents, before any money is spent: many of them, and what they have shown together.

The real harness is executed in the real sandbox by the real scheduler, on a virtual clock; only what agents and people
answer is made up.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio

from weft.primitives.calls import ToolCall
from weft.primitives.tools import TOOLS
from weft.runtime.agents.cast import Cast
from weft.runtime.forecasting.cold import Cold
from weft.runtime.forecasting.material import Material
from weft.runtime.held import limited
from weft.runtime.journal.events import HostCalled
from weft.runtime.profile import uncast
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import Harness, ceilings_of, check_args, parse_harness, read_harness
from weft.runtime.project.linted import LintedHarnesses
from weft.runtime.rehearsal.affording import afforded, closed
from weft.runtime.rehearsal.answering import Answer, Lost
from weft.runtime.rehearsal.pairs.every import confused
from weft.runtime.rehearsal.pairs.little import on_little
from weft.runtime.rehearsal.pairs.near import Confused, Near, smaller
from weft.runtime.rehearsal.playing import Played, Stage
from weft.runtime.rehearsal.report import Crash, Rehearsal, unreached
from weft.runtime.rehearsal.searching import Search, places_in
from weft.runtime.rehearsal.shrinking import fault_of, shrunk, stub_of
from weft.runtime.rehearsal.taking import Expected
from weft.runtime.settings import Settings
from weft.runtime.tools.folders import Folders

if TYPE_CHECKING:
    from weft.runtime.project.config import Config

__all__ = ["RUNS", "rehearse", "rehearsed"]

RUNS = 100
"""How many runs a search takes at most, where nobody says how many."""

MOST_AGENTS = 600
"""How many agents the runs of a search start together before it ends, where nobody says how many runs."""

MOST_PAIRED = 1000
"""The same of the pairs."""

EACH = 100
"""How many agents a run may start on average, where it is said how many runs there are."""

EACH_PAIRED = 40
"""For how many agents of the pairs each such run counts."""

MOST_CRASHES = 5
"""How many ways to break a harness are told."""

MOST_TOLD = 3
"""How many answers of a case are told in words."""

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
    config: Config | None = None,
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
        config: The project's own prices, profiles and tools; no tool that it adds is called.
    """
    expected = Expected(Cold(Material(Folders(settings.folders)), config))
    added, gives = ((), {}) if config is None else (config.adds, config.gives)
    cast = Cast(config, settings) if config else uncast
    stage = Stage(harness, args, settings, find_harness, expected, cast, added=added, gives=gives)
    agents, paired = (MOST_AGENTS, MOST_PAIRED) if runs is None else (EACH * runs, EACH_PAIRED * runs)
    search = Search(stage, runs or RUNS, seed, agents=agents, all_runs=runs is not None)
    await search.play()
    places = places_in(harness.source)
    return Rehearsal(
        played=tuple(search.played),
        crashes=tuple(await _crashes(stage, search)),
        confused=(*await _confused(stage, search, paired), *await closed(stage, search)),
        never_reached=tuple(unreached(harness.source, places, search.lines, search.ways)),
        statements=len(places.statements),
        unreached=len(set(places.statements) - search.lines),
        places=(len(search.calls), len(places.calls)),
        afforded=await afforded(stage, search),
        untold=tuple(sorted(_called(search) - gives.keys() - TOOLS.keys())),
    )


def rehearsed(harness: Path | str, args: Any = None, *, runs: int | None = None, seed: int = 0) -> Rehearsal:
    """Rehearse a harness in a test, with the settings that hold where nothing is said.

        def test_my_harness() -> None:
            rehearsed(Path("harness.py"), {"files": ["a.md"]}).assert_sound()

    Args:
        harness: Its file, or its source.
        args: Its arguments; its own defaults without.
        runs: How many runs the search takes; without it so many as show anything new.
        seed: Another one takes other ways.

    Raises:
        Refused: it is no harness, or the arguments do not fit it.
        UsageError: its file cannot be read.
    """
    read = parse_harness(harness, name="harness", filename="harness.py") if isinstance(harness, str) else None
    found = read or read_harness(Path(harness))
    check_args(found, args)
    settings = limited(Settings(), ceilings_of(found)).settings.resolved()
    find = LintedHarnesses(Project(Path.cwd()), settings.max_agents)
    return anyio.run(partial(rehearse, found, args, settings, find, runs=runs, seed=seed))


def _called(search: Search) -> set[str]:
    """Return the tools that the harness called itself."""
    calls = (event.request.call for one in search.played for event in one.events if isinstance(event, HostCalled))
    return {call.name for call in calls if isinstance(call, ToolCall)}


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
        smallest, needed = await shrunk(stage, first, search.known)
        assert smallest.problem is not None
        case, stub = _case(smallest, needed), stub_of(smallest, needed)
        crashes.append(Crash(smallest.problem, _manner(first), len(runs), case, stub))
    return crashes


def _case(played: Played, needed: list[Answer]) -> str:
    """Return the answers that break it, in words, and the facts."""
    told = [
        f"{answer.called.request.label or f'agent {answer.called.id}'} "
        + (f"is lost ({answer.value.cause})" if isinstance(answer.value, Lost) else f"answers {answer.value!r}")
        for answer in needed
    ]
    told += [f"agents remember {facts!r}" for _, facts in played.recalled]
    more = len(told) - MOST_TOLD
    told = [*told[:MOST_TOLD], *([f"and {more} more"] if more > 0 else [])]
    return "; ".join(told) or "all give their shortest answer"


def _manner(played: Played) -> str:
    """Return how agents behaved in a run, in words."""
    return played.manner.name or f"varied answers (seed {played.manner.seed})"


def _reach(played: Played) -> tuple[int, ...]:
    """Return how much of the harness a run has reached, and how much there was to choose in it."""
    return len(played.observation.calls), len(played.observation.lines), len(played.spots), -played.agents


async def _confused(stage: Stage, search: Search, agents: int) -> list[Confused]:
    """Return the pairs that came out wrong near the run in which most was reached."""
    calm = [played for played in search.played if played.problem is None and played.ended.outcome == "completed"]
    calm = [played for played in calm if not (played.manner.loses or played.manner.charge) and played.agents]
    calm.sort(key=_reach)
    if not calm:
        return []
    for start in [calm[-1], *[played for played in calm if played.agents <= MOST_VARIED][-1:]]:
        little, base = await on_little(stage, start, search.known)
        base = await smaller(little, base, search.known)
        if base.agents <= MOST_VARIED:
            break
    else:
        return []
    found: dict[tuple[str, int], Confused] = {}
    async for one in confused(Near(little, base, search.known, search.said, agents=agents)):
        found.setdefault((one.kind, one.line), one)
    return list(found.values())
