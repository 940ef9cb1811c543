"""Searching for runs that show something new: statements and ways not taken yet, crashes, more agents than before.

A search of the kind that fuzzers do: what showed something new is varied further. Which values are tried is learned
from what the harness compares answers with. It is counted in runs and agents, not in seconds, so it always goes the
same way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, cycle
from random import Random
from types import MappingProxyType
from typing import Any

from weft.primitives.language.source import SourceRefused, read
from weft.primitives.lost import Cause
from weft.runtime.rehearsal.answering import TEXT, site_of
from weft.runtime.rehearsal.knowledge import Knowledge, Said, names_in, said_in
from weft.runtime.rehearsal.manner import FULL, NEW, Leaf, Manner, Site, Spot
from weft.runtime.rehearsal.playing import Played, Stage
from weft.runtime.rehearsal.remembering import FACT
from weft.sandbox.observing import Places, places_of

__all__ = ["Search", "places_in"]

AT_ONCE = 4
"""How many runs go side by side; each batch learns from those before it."""

HEAVY = 2_000
"""What a run weighs beside which no others go: each holds all that is asked in it."""

ENOUGH = 8
"""After how many runs in a row that have shown nothing new a search may end."""

PATIENCE = 8
"""After how many runs that were to be wider, and were not, this is hardly tried any more."""

MOST_ENDLESS = 2
"""After how many runs that come to no end, or are stopped for what they use, the search ends: they take long."""

CAUSES: tuple[Cause, ...] = ("timeout", "truncated", "refused", "stopped")
"""Why agents of one place are all lost, one cause after the other; it is tried with each other as well."""

MOST_CHOICES = 12
"""How many answers of one question are tried."""

FIRST = (
    Manner(name="shortest answers", style="least"),
    Manner(name="varied answers", seed=1),
    Manner(name="other varied answers", seed=2),
    Manner(name="answers that agree", seed=6, style="agreed"),
    Manner(name="every third agent lost", seed=3, lose_every=3, cause=None),
    Manner(name="every agent lost", style="least", lose_every=1, cause=None),
    Manner(name="long lists", seed=4, style="wide"),
    Manner(name="strange answers", seed=5, style="odd"),
    Manner(name="other answers that agree", seed=7, style="agreed"),
    Manner(name="answers in another order, some held up by a rate limit", seed=1, slow=True, limit_every=4),
)
"""What is tried first, and of every harness."""


def places_in(source: str) -> Places:
    """Return what there is to reach in a harness; nothing in what is no harness."""
    try:
        return places_of(read(source))
    except (SyntaxError, SourceRefused):
        return Places((), (), ())


class Search:
    """Plays runs of one harness, each chosen by what those before it have shown."""

    def __init__(self, stage: Stage, runs: int, seed: int, *, agents: int, all_runs: bool) -> None:
        """Prepare to play so many runs, of so many agents together at most.

        Unless all runs are wanted, it ends where none of the last has shown anything new.
        """
        self.played: list[Played] = []
        self.known = Knowledge.of(stage.args)
        self.lines: set[int] = set()
        """The statements that were executed."""
        self.ways: dict[tuple[int, int], int] = {}
        """Of each condition which ways were taken, as in `Observation.ways`."""
        self.sites: dict[Site, None] = {}
        """Where agents were waited for."""
        self.calls: set[tuple[int, int]] = set()
        """The calls of primitives that start agents that it came to."""
        self.said: dict[Leaf, dict[str, None]] = {}
        """The texts of all answers."""
        self._stage = stage
        self._runs = runs
        self._all_runs = all_runs
        self._most_agents = agents
        self._fruitless = 0
        """How many runs in a row have shown nothing new."""
        self._draw = Random(f"{seed}{stage.harness.digest}")
        self._spots: dict[Leaf, Spot] = {}
        self._telling: list[Played] = []
        """Runs that have shown something new."""
        self._widest: Played | None = None
        self._stale = 0
        """How many runs in a row were to be wider than any before, and were not."""
        self._agents = 0
        self._endless = 0

    async def play(self) -> None:
        """Play all runs."""
        await self._batch(
            [replace(manner, seed=manner.seed + self._draw.randrange(1000)) for manner in FIRST][: self._runs]
        )
        await self._batch([*self._others()][: self._runs - len(self.played)])
        while len(self.played) < self._runs and not self._over and not self._exhausted:
            count = min(AT_ONCE, self._runs - len(self.played))
            await self._batch([self._varied() for _ in range(count)])

    @property
    def _over(self) -> bool:
        """Whether no further run may begin."""
        return self._agents >= self._most_agents or self._endless >= MOST_ENDLESS

    @property
    def _exhausted(self) -> bool:
        """Whether none of the last runs has shown anything new, and not all are wanted."""
        return not self._all_runs and self._fruitless >= ENOUGH

    def _others(self) -> Iterator[Manner]:
        """Yield what else may come of it, by what it has done: each choice is somebody's answer, and tools fail."""
        choices = max((played.choices for played in self.played), default=0)
        for choice in range(min(choices, MOST_CHOICES)):
            yield Manner(name=f"answer {choice + 1} of a person", seed=self._draw.randrange(1000), choice=choice)
        if "budget" in self._stage.harness.source:
            for agents in (10, 40):
                name = f"budget for {agents} agents"
                yield Manner(name=name, seed=self._draw.randrange(1000), style="wide", charge=1 / agents)
        if any(played.tools for played in self.played):
            yield Manner(name="every tool fails", tools_fail=True)
        if any(played.saved for played in self.played):
            yield Manner(name="every saved harness missing", saved_fail=True)
        for site, cause in zip(self.sites, cycle(CAUSES), strict=False):
            name = f"all agents of line {site.line} lost"
            yield Manner(name=name, lose_at=frozenset([site]), cause=cause, seed=1)
        yield from self._bad_days()

    def _bad_days(self) -> Iterator[Manner]:
        """Yield what may go wrong in the middle: quorums that are missed by one, a stop."""
        quorums = {site: quorum for played in self.played for site, quorum in played.quorums.items()}
        for site, quorum in quorums.items():
            name = f"one agent too few for the quorum of line {site.line}"
            yield Manner(name=name, lose_at=frozenset([site]), spare=quorum - 1, seed=1)
        agents = max((played.agents for played in self.played if played.manner.usual), default=0)
        if agents > 1:
            yield Manner(name="all agents but the first half lost", lose_after=agents // 2, cause="stopped", seed=1)

    async def _batch(self, manners: list[Manner]) -> None:
        while manners and not self._over:
            count = AT_ONCE if self.played and not self._endless and self.played[-1].weight < HEAVY else 1
            together, manners = manners[:count], manners[count:]
            runs = [self._stage.play(manner, self.known, watched=True) for manner in together]
            for played in await asyncio.gather(*runs):
                self._take_in(played)

    def _take_in(self, played: Played) -> None:
        self.played.append(played)
        self._agents += played.weight
        self._endless += played.endless or played.stopped
        self._spots.update(played.spots)
        new = self._reached(played)
        for said in _said(played):
            if isinstance(said.value, str):
                self.said.setdefault(said.leaf, {})[said.value] = None
        new |= self.known.learn(chain(_said(played), _remembered(played)), played.observation.compared)
        self._fruitless = 0 if new else self._fruitless + 1
        if new:
            self._telling.append(played)
        if played.manner.usual and (self._widest is None or played.agents > self._widest.agents):
            self._widest, self._stale, self._fruitless = played, 0, 0

    def _reached(self, played: Played) -> bool:
        before = self._reach
        self.calls.update(played.observation.calls)
        self.lines.update(played.observation.lines)
        for line, column, taken in played.observation.ways:
            self.ways[line, column] = self.ways.get((line, column), 0) | taken
        self.sites.update(dict.fromkeys(site_of(answer.called) for answer in played.answers))
        return self._reach > before

    @property
    def _reach(self) -> int:
        return len(self.lines) + sum(map(int.bit_count, self.ways.values())) + len(self.sites) + len(self.calls)

    # ------------------------------------------------------------------------------------------ varying

    def _varied(self) -> Manner:
        """Return another manner near one that was worth it."""
        draw = self._draw
        base = draw.choice(self._telling[-12:] or self.played).manner
        widening = self._widest is not None and draw.random() < (0.4 if self._stale < PATIENCE else 0.05)
        if widening and self._widest is not None:
            self._stale += 1
            base = self._widest.manner
        fixed = dict(base.fixed)
        leaves = list(self._spots)
        for _ in range(draw.choice((1, 1, 2, 3)) if leaves else 0):
            leaf = draw.choice(leaves)
            fixed[leaf] = self._choice(leaf, widening)
        if draw.random() < 0.2 and fixed:
            del fixed[draw.choice(list(fixed))]
        style = base.style if draw.random() < 0.7 else draw.choice(("plausible", "agreed", "wide", "odd"))
        return replace(
            base,
            name="",
            seed=base.seed if draw.random() < 0.3 else draw.randrange(1_000_000),
            style="wide" if widening else style,
            fixed=MappingProxyType(fixed),
            lose_every=draw.choice((2, 3, 5, 7)) if not widening and draw.random() < 0.15 else None,
            cause=None,
            lose_after=None,
            spare=0,
            limit_every=None,
            lose_at=self._some_site() if not widening and draw.random() < 0.1 else frozenset(),
            slow=draw.random() < 0.2,
            choice=draw.choice((None, *range(MOST_CHOICES))) if draw.random() < 0.3 else base.choice,
            tools_fail=base.tools_fail and draw.random() < 0.3,
            saved_fail=base.saved_fail and draw.random() < 0.3,
        )

    def _some_site(self) -> frozenset[Site]:
        return frozenset(self._draw.sample([*self.sites], min(1, len(self.sites))))

    def _choice(self, leaf: Leaf, widening: bool) -> Any:
        """Return what may always be chosen at a leaf."""
        spot, draw = self._spots[leaf], self._draw
        learned = self.known.of_leaf(leaf)
        match spot.kind:
            case "option":
                return draw.choice(spot.options)
            case "list":
                return FULL if widening else draw.choice((0, 1, 2, FULL))
            case "number":
                return draw.choice([NEW, *(value for value in learned if not isinstance(value, str))])
            case "text":
                return draw.choice([NEW, *(value for value in learned if isinstance(value, str))])


def _said(played: Played) -> Iterator[Said]:
    """Yield the texts and numbers of all answers."""
    for answer in played.answers:
        site, request = site_of(answer.called), answer.called.request
        for said in said_in(site, answer.value, names_in(request.prompt)):
            yield said if said.leaf.path else said._replace(leaf=Leaf(site, TEXT))


def _remembered(played: Played) -> Iterator[Said]:
    """Yield what agents have told each other."""
    for one in played.remembered:
        yield Said(Leaf(one.site, FACT), one.value, frozenset(one.names) - {one.value})
