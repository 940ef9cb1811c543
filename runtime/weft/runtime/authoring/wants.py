"""What a harness wants and cannot have as things are: by its text, and by what it asked for in rehearsal.

A rehearsal runs it with its arguments, so it shows whatever was computed: tools held in a variable, given by a helper
or a profile, profiles chosen by an argument, and those of saved harnesses that are called.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from weft.primitives.calls import ToolCall
from weft.primitives.tools import TOOLS
from weft.runtime.errors import ProviderError, Refused
from weft.runtime.execution.wants import (
    FOR_AGENTS,
    FOR_ITSELF,
    Wanted,
    check_models,
    granting,
    lack,
    lacking,
    together,
    written,
)
from weft.runtime.journal.callpath import Homes
from weft.runtime.journal.events import AgentCalled, Event, FanOutBegan, HostCalled, WorkflowCalled
from weft.runtime.project.config import Config
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import Harness
from weft.runtime.rehearsal.playing import Played
from weft.runtime.settings import Settings
from weft.runtime.tools.registry import Registry

__all__ = ["Missing", "Wants", "wants_of"]


class Missing(NamedTuple):
    """A tool or a profile that is not there, or by which nobody can go. Who comes there in a run is lost."""

    where: str
    what: str
    always: bool
    """Whether it was asked for in every rehearsed run that came there, so that no answer of an agent names it."""


@dataclass(frozen=True, slots=True)
class Wants:
    """What a harness wants and cannot have as things are."""

    tools: tuple[Wanted, ...] = ()
    """Those that nobody has granted: without that, no run is started."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """What those of them are that the project adds, by the names of where they come from."""
    missing: tuple[Missing, ...] = ()
    """What is not there, one at each place."""

    @property
    def grants(self) -> tuple[str, ...]:
        """By which names these tools are granted."""
        return granting(one.name for one in self.tools)


def wants_of(
    harness: Harness,
    settings: Settings,
    config: Config,
    tools: Registry,
    project: Project,
    played: Iterable[Played],
) -> Wants:
    """Return what a rehearsed harness wants and cannot have.

    Args:
        harness: What was rehearsed.
        settings: With what is granted, and who answers: agents that are scripted use no tools.
        config: With the profiles.
        tools: What there is.
        project: Where the saved harnesses are that it calls.
        played: The rehearsed runs.
    """
    runs = [[*_called(harness.filename, run.events)] for run in played]
    wanted = [one for each in together(harness, project) for one in written(each, config, tools)]
    wanted += [one for called in runs for event, where in called for one in _asked(event, where)]
    known = []
    for one in dict.fromkeys(wanted):
        if one.said == FOR_ITSELF or settings.stub is None:
            with suppress(Refused):  # where there is no such tool
                known += lacking([one], settings, tools)
    lacks = {one.name: one for one in reversed(known)}
    sources = {name: source.shown for name in granting(lacks) if (source := tools.source(name)) is not None}
    missing = () if settings.stub is not None else tuple(_missing(runs, settings, config, tools))
    return Wants(tuple(lacks.values())[::-1], sources, missing)


Called = list[tuple[AgentCalled | HostCalled, str]]
"""The calls of a run, each with where it is made."""


def _missing(runs: list[Called], settings: Settings, config: Config, tools: Registry) -> Iterator[Missing]:
    """Yield what agents were to have, or to go by, that is not there."""

    @cache
    def unknown(name: str) -> str | None:
        try:
            lacking([Wanted(FOR_AGENTS, name, "")], settings, tools)
        except Refused as refused:
            return refused.what
        what = lack(name, tools)
        return None if what is None else f"the tool {name!r} cannot be had here: {what}"

    @cache
    def unfit(profile: str, known: bool, models: tuple[str, ...]) -> str | None:
        return _problem(profile, models if known else None, config, models=settings.command is None)

    reached: Counter[str] = Counter()
    found: Counter[tuple[str, str]] = Counter()
    for called in runs:
        reached.update({where for event, where in called if isinstance(event, AgentCalled)})
        requests = [(event.request, where) for event, where in called if isinstance(event, AgentCalled)]
        wrong = {(where, what) for one, where in requests for tool in one.tools if (what := unknown(tool))}
        for one, where in requests:
            models = () if one.role is None else (one.model, *one.role.otherwise)
            what = None if one.profile is None else unfit(one.profile, one.role is not None, models)
            wrong |= {(where, what)} if what else set()
        found.update(wrong)
    for where, what in {where: what for (where, what), _ in reversed(found.most_common())}.items():
        yield Missing(where, what, found[where, what] == reached[where])


def _called(filename: str, events: Iterable[Event]) -> Iterator[tuple[AgentCalled | HostCalled, str]]:
    """Yield the calls of a run, each with the line on which it is made, of the file or of a saved harness."""
    homes = Homes()
    for event in events:
        match event:
            case FanOutBegan():
                homes.fan_out_began(event.path)
            case WorkflowCalled(returning=False):
                homes.workflow_called(event.path, event.name)
            case AgentCalled() | HostCalled():
                chain = [home.name for home in homes.of(event.path)]
                yield event, f"{chain[-1] if chain else filename}:{event.line or 0}"
            case _:
                pass


def _asked(event: AgentCalled | HostCalled, where: str) -> Iterator[Wanted]:
    """Yield the tools that a call asks for."""
    if isinstance(event, AgentCalled):
        profile = "" if event.request.role is None else f", profile {event.request.profile!r}"
        for tool in event.request.tools:
            yield Wanted(FOR_AGENTS, tool, f"{where}{profile}")
    elif isinstance(event.request.call, ToolCall) and event.request.call.name not in TOOLS:
        yield Wanted(FOR_ITSELF, event.request.call.name, where)


def _problem(profile: str, asked: Sequence[str] | None, config: Config, *, models: bool) -> str | None:
    """Return what is wrong with a profile, of which some models were to be asked where it is known at all."""
    if asked is None:
        return config.named.problem(profile)
    try:
        if models:
            check_models(asked, config, "")
    except ProviderError as error:
        return f"profile {profile!r}: {error.what}"
    return None
