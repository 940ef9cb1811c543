"""A run as a trace that ui.perfetto.dev and `chrome://tracing` open: the Trace Event Format, as JSON.

Each phase is a process, each of its tracks a row of agents that do not overlap. A call and what it waited for last are
joined by an arrow.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import Any

from weft.runtime.analysis.critical import critical_path
from weft.runtime.analysis.weaving import Piece, Work, woven
from weft.runtime.border import clean
from weft.runtime.exporting.rows import agent_row, label_of
from weft.runtime.exporting.when import Wall
from weft.runtime.journal import RunState, executions
from weft.runtime.journal.callpath import askers
from weft.runtime.journal.events import Event, FindingReported, Logged, PhaseBegan

__all__ = ["perfetto"]

RUN = 1
"""The process of the run itself."""

HARNESS = "tools and questions"
"""What the row of calls of the harness is called."""


def perfetto(events: list[tuple[float, Event]], state: RunState, *, content: bool = False) -> dict[str, Any]:
    """Return the latest execution of a run as a trace.

    Args:
        events: The journal.
        state: What that comes to.
        content: Whether what agents were asked and answered is in it.
    """
    assert state.started is not None
    latest = executions(events)[-1]
    work = woven(latest)
    trace = _Trace(work, state, content=content)
    return {
        "traceEvents": [*trace.events(), *clean([*_instants(latest, state, content=content)])],
        "displayTimeUnit": "ms",
        "otherData": {"run": state.started.run, "harness": state.started.name, "outcome": state.outcome},
    }


class _Trace:
    def __init__(self, work: Work, state: RunState, *, content: bool) -> None:
        self._work = work
        self._state = state
        self._content = content
        self._places: dict[int, tuple[int, int]] = {}
        """By piece, its process and its track."""
        self._critical = {step.piece.number for step in critical_path(work).steps}

    def events(self) -> Iterator[dict[str, Any]]:
        state = self._state
        assert state.started is not None
        yield _named("process_name", RUN, 0, state.started.name)
        whole = {"outcome": state.outcome, "health": state.health, "usd": state.spent.usd}
        yield _span(state.started.run, RUN, 0, 0.0, self._work.seconds, whole, "run")
        groups = self._groups()
        for process, (title, pieces) in enumerate(groups.items(), start=RUN + 1):
            yield _named("process_name", process, 0, title)
            yield {"name": "process_sort_index", "ph": "M", "pid": process, "tid": 0, "args": {"sort_index": process}}
            for track, piece in _tracks(pieces, self._work.ended_at):
                self._places[piece.number] = (process, track)
                yield from self._call(piece, process, track)
        for piece in self._work.pieces:
            yield from self._arrow(piece)
        yield from self._counters()

    def _groups(self) -> dict[str, list[Piece]]:
        groups: dict[str, list[Piece]] = {}
        for piece in [*self._work.pieces, *self._below()]:
            agent = self._state.agents.get(piece.id) if piece.kind == "agent" else None
            if agent is not None:
                title = " › ".join([*agent.phase.within, agent.phase.title or "(no phase)"])
                groups.setdefault(clean(title), []).append(piece)
            elif piece.kind in ("tool", "question"):
                groups.setdefault(HARNESS, []).append(piece)
        return groups

    def _below(self) -> Iterator[Piece]:
        """Yield the agents that agents have asked, which are no work of the harness."""
        for number, agent in self._state.agents.items():
            if askers(agent.called.path):
                yield Piece(
                    len(self._work.pieces) + number,
                    "agent",
                    agent.called.path,
                    agent.queued_at,
                    (),
                    number,
                    label_of(agent, content=True),
                    started_at=agent.started_at,
                    ended_at=agent.ended_at,
                    cancelled=agent.standing == "cancelled",
                )

    def _call(self, piece: Piece, process: int, track: int) -> Iterator[dict[str, Any]]:
        began, end = self._work.began_at, self._end(piece)
        agent = self._state.agents.get(piece.id) if piece.kind == "agent" else None
        args: dict[str, Any] = {"critical_path": piece.number in self._critical}
        name = clean(piece.label) if self._content else piece.kind
        if agent is not None:
            assert self._state.started is not None
            wall = Wall(self._state.started, self._state.began_at)
            row = agent_row(agent, self._state, wall, content=self._content)
            name, args = row.pop("label"), {**row, **args}
        start = end if piece.started_at is None else min(piece.started_at, end)
        if start > piece.called_at:
            seconds = start - piece.called_at
            yield _span(f"queued: {name}", process, track, piece.called_at - began, seconds, {}, "queue")
        if piece.started_at is not None:
            yield _span(name, process, track, start - began, end - start, args, piece.kind)
        for kind, begin, until in piece.waits:
            yield _span(kind, process, track, begin - began, until - begin, {}, "wait")
        for request in () if agent is None or agent.reused else agent.trail.requests:
            name, seconds = f"chat {request.model}", request.ended - request.began
            failed = {} if request.failed is None else {"failed": request.failed}
            yield _span(name, process, track, request.began - began, seconds, failed, "request")

    def _arrow(self, piece: Piece) -> Iterator[dict[str, Any]]:
        """Yield the arrow from what a piece waited for last to it."""
        before = self._work.latest(piece.after)
        while before is not None and before.kind in ("join", "workflow"):
            before = self._work.latest(before.after)
        here = self._places.get(piece.number)
        there = None if before is None else self._places.get(before.number)
        if before is None or here is None or there is None or before.ended_at is None:
            return
        began, start = self._work.began_at, self._end(piece) if piece.started_at is None else piece.started_at
        common = {"name": "waited for", "cat": "flow", "id": piece.number}
        # A nanosecond before its end: at its end nothing is there any more that an arrow could begin at.
        left = max(_us(before.ended_at - began) - 0.001, _us((before.started_at or before.called_at) - began))
        yield {**common, "ph": "s", "ts": round(left, 3), "pid": there[0], "tid": there[1]}
        yield {**common, "ph": "f", "bp": "e", "ts": _us(start - began), "pid": here[0], "tid": here[1]}

    def _counters(self) -> Iterator[dict[str, Any]]:
        began = self._work.began_at
        moves: list[tuple[float, int, float]] = []
        for piece in self._work.pieces:
            if piece.kind == "agent" and piece.started_at is not None and not piece.reused:
                agent = self._state.agents.get(piece.id)
                moves.append((piece.started_at, 1, 0.0))
                moves.append((self._end(piece), -1, 0.0 if agent is None else agent.spent.usd))
        agents, usd = 0, 0.0
        for at, step, cost in sorted(moves):
            agents, usd = agents + step, usd + cost
            for name, value in (("agents at work", agents), ("dollars of agents", round(usd, 9))):
                yield {"name": name, "ph": "C", "ts": _us(at - began), "pid": RUN, "tid": 0, "args": {name: value}}

    def _end(self, piece: Piece) -> float:
        return self._work.ended_at if piece.ended_at is None else piece.ended_at


def _tracks(pieces: list[Piece], end: float) -> Iterator[tuple[int, Piece]]:
    """Give each piece a track on which nothing else is at that time."""
    free: list[int] = []
    busy: list[tuple[float, int]] = []
    for piece in sorted(pieces, key=lambda one: (one.called_at, one.number)):
        while busy and busy[0][0] <= piece.called_at:
            heappush(free, heappop(busy)[1])
        track = heappop(free) if free else len(busy) + 1
        heappush(busy, (max(end if piece.ended_at is None else piece.ended_at, piece.called_at + 1e-6), track))
        yield track, piece


def _instants(events: list[tuple[float, Event]], state: RunState, *, content: bool) -> Iterator[dict[str, Any]]:
    for at, event in events:
        match event:
            case PhaseBegan(title=title):
                name, args = f"phase: {title}", {}
            case FindingReported(data=data):
                name, args = "finding", {"finding": data} if content else {}
            case Logged(message=message):
                name, args = "log", {"message": message} if content else {}
            case _:
                continue
        yield {"name": name, "ph": "i", "s": "p", "ts": _us(at - state.began_at), "pid": RUN, "tid": 0, "args": args}


def _named(what: str, process: int, track: int, name: str) -> dict[str, Any]:
    return {"name": what, "ph": "M", "pid": process, "tid": track, "args": {"name": name}}


def _span(
    name: str, process: int, track: int, at: float, seconds: float, args: dict[str, Any], kind: str
) -> dict[str, Any]:
    return {
        "name": name,
        "cat": kind,
        "ph": "X",
        "ts": _us(at),
        "dur": max(0.0, round(_us(at + seconds) - _us(at), 3)),  # so that what ends together does so in the file
        "pid": process,
        "tid": track,
        "args": args,
    }


def _us(seconds: float) -> float:
    """Return microseconds, as the format has them."""
    return round(seconds * 1e6, 3)
