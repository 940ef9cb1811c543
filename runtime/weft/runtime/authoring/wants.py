"""What a harness wants and cannot have as things are: by its text, and by what it asked for in rehearsal.

A rehearsal runs it with its arguments, so it shows whatever was computed: tools held in a variable, given by a helper
or a profile, profiles chosen by an argument, and those of saved harnesses that are called.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from weft.primitives.calls import ToolCall
from weft.primitives.tools import TOOLS
from weft.runtime.errors import ProviderError, Refused
from weft.runtime.execution.wants import (
    FOR_AGENTS,
    FOR_ITSELF,
    Wanted,
    check_models,
    granting,
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
from weft.runtime.request import AgentRequest
from weft.runtime.settings import Settings
from weft.runtime.tools.registry import Registry

__all__ = ["Wants", "wants_of"]


@dataclass(frozen=True, slots=True)
class Wants:
    """What a harness wants and cannot have as things are."""

    tools: tuple[Wanted, ...] = ()
    """Those that nobody has granted: without that, no run is started."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """What those of them are that the project adds, by the names of where they come from."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """Where it wants a tool or a profile that there is not, or by which nobody can go, and what is wrong with that.
    Who comes there in a run is lost."""

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
    called = [place for run in played for place in _called(harness.filename, run.events)]
    wanted = [one for each in together(harness, project) for one in written(each, config, tools)]
    wanted += [one for event, where in called for one in _asked(event, where)]
    missing: dict[str, str] = {}
    known = []
    for one in dict.fromkeys(wanted):
        if one.said == FOR_ITSELF or settings.stub is None:
            try:
                known += lacking([one], settings, tools)
            except Refused as refused:
                missing.setdefault(one.where, refused.what)
    for request, where in _cast(called) if settings.stub is None else ():
        problem = _problem(request, where, config, models=settings.command is None)
        if problem is not None:
            missing.setdefault(where, problem)
    lacks = {one.name: one for one in reversed(known)}
    sources = {name: source.shown for name in granting(lacks) if (source := tools.source(name)) is not None}
    return Wants(tuple(lacks.values())[::-1], sources, missing)


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


def _cast(called: Iterable[tuple[AgentCalled | HostCalled, str]]) -> Iterator[tuple[AgentRequest, str]]:
    """Yield one request of each profile and model at each place."""
    seen = set()
    for event, where in called:
        if isinstance(event, AgentCalled) and event.request.profile is not None:
            this = (where, *event.request.group)
            if this not in seen:
                seen.add(this)
                yield event.request, where


def _problem(request: AgentRequest, where: str, config: Config, *, models: bool) -> str | None:
    """Return what is wrong with the profile by which an agent is to go, if anything is."""
    assert request.profile is not None
    if request.role is None:
        return config.named.problem(request.profile)
    try:
        if models:
            check_models([request.model, *request.role.otherwise], config, where)
    except ProviderError as error:
        return f"profile {request.profile!r}: {error.what}"
    return None
