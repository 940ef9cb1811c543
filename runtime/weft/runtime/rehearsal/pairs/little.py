"""A stage on which there is less to do: few of the things that arguments list, and few of those that tools list.

Most harnesses start agents for each of them, so that pairs cost as much as there is to look at; what they show, they
show with few as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

from weft.primitives.calls import ToolCall
from weft.runtime.errors import Refused
from weft.runtime.journal.events import HostAnswered, HostCalled
from weft.runtime.project.harness import check_args
from weft.runtime.rehearsal.answering import site_of
from weft.runtime.rehearsal.knowledge import Knowledge
from weft.runtime.rehearsal.playing import Played, Stage

__all__ = ["listed_in", "on_little", "tools_in"]

FEW = 3
"""How many of them are left."""


async def on_little(stage: Stage, base: Played, known: Knowledge) -> tuple[Stage, Played]:
    """Return a stage with less to do, and the same run on it; both as they are where it does not reach as much."""
    asked = " ".join(answer.called.request.prompt for answer in base.answers)
    listed = {(call.name, str(call.arguments)): _few(texts, asked) for _, call, texts in listed_in(base)}
    little = replace(stage, args=_fewer(stage), tools=lambda call: listed.get((call.name, str(call.arguments))))
    played = await little.play(base.manner, known)
    sites = [{site_of(answer.called) for answer in one.answers} for one in (base, played)]
    calm = played.problem is None and played.ended.outcome == base.ended.outcome
    return (little, played) if calm and sites[0] <= sites[1] and played.agents < base.agents else (stage, base)


def tools_in(played: Played) -> Iterator[tuple[ToolCall, Any]]:
    """Yield the calls of tools that the harness made itself, each with what came of it."""
    yield from ((call, value) for _, call, value in _answered(played))


def listed_in(played: Played) -> Iterator[tuple[int, ToolCall, list[str]]]:
    """Yield those that gave the harness a list of texts, each with its line."""
    for line, call, value in _answered(played):
        texts = [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
        if texts and len(texts) == len(value):
            yield line, call, texts


def _answered(played: Played) -> Iterator[tuple[int, ToolCall, Any]]:
    calls = {event.id: event for event in played.events if isinstance(event, HostCalled)}
    for event in played.events:
        if isinstance(event, HostAnswered):
            called = calls[event.id]
            if isinstance(called.request.call, ToolCall):
                yield called.line or 0, called.request.call, event.value


def _few(texts: list[str], asked: str) -> list[str]:
    """Return few of some texts, where agents were asked about some; of others nobody knows what they are for."""
    return [text for text in texts if text in asked][:FEW] or texts


def _fewer(stage: Stage) -> Any:
    """Return the arguments with few things in each list, as far as they may be so few."""
    args = stage.args
    if not isinstance(args, dict):
        return args
    for name, value in args.items():
        if isinstance(value, list) and len(value) > FEW:
            fewer = {**args, name: value[:FEW]}
            with suppress(Refused):
                check_args(stage.harness, fewer)
                args = fewer
    return args
