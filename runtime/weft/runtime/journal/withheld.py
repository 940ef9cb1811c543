"""Events without what agents were told and have said: what is left of them is named here, field by field.

What the harness itself says stays: its source, findings, result, log and errors. All that is not named is left out, so
a field that is new stays out until somebody names it. What is left folds to the same run, without its texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from typing import Any

from weft.primitives.calls import Question, ToolCall
from weft.primitives.lost import Lost
from weft.runtime.helping import HostRequest
from weft.runtime.journal import events as of
from weft.runtime.journal.events import Event
from weft.runtime.profile import Profile
from weft.runtime.request import AgentRequest
from weft.runtime.understood import Understood

__all__ = ["HARMLESS", "LEFT_OUT", "told", "without_content"]

LEFT_OUT = "(left out)"
"""What stands in the place of a text."""

HARMLESS: Mapping[type, str] = {
    of.RunStarted: "run name task digest now settings spent source file owner bound again base language held approved "
    "tools",
    of.SandboxReady: "walls",
    of.PhaseBegan: "title path",
    of.Logged: "message",
    of.FindingReported: "data",
    of.UnderstandingReported: "understood",
    of.RoundBegan: "path line helper number found",
    of.LoopEnded: "path line helper ended rounds phase free found",
    of.VerdictReached: "path line outcome votes quorum veto sides phase",
    of.FanOutBegan: "path line kind width agents quorum chain",
    of.FanOutEnded: "path lost dropped cancelled",
    of.BranchRaised: "path index message line",
    of.AgentCalled: "path line key occurrence request slice",
    of.AgentsStarted: "ids",
    of.AgentWaits: "id reason detail seconds",
    of.AgentGoesOn: "id",
    of.AgentAsksAgain: "id seconds",
    of.AgentQuiet: "id seconds",
    of.MoneyMoved: "reserved settled models",
    of.AgentFinished: "id attempts spent by_model answered_by allowance slices understood reused kept trail",
    of.AgentLost: "id lost allowance slices by_model trail",
    of.AgentCancelled: "id spent by_model trail",
    of.ToolBegan: "id number tool acts key costs",
    of.ToolEnded: "id number",
    of.FactRemembered: "version by call",
    of.HostCalled: "path line key occurrence request phase slice",
    of.HostAnswered: "id lost by allowance slices reused",
    of.HostCancelled: "id",
    of.WorkflowCalled: "id path line name budget slice returning",
    of.WorkflowLoaded: "id source allowance slices",
    of.Interrupted: "message",
    of.Steered: "verb changed by agent",
    of.RunEnded: "outcome result problem pause spent wall_s",
    AgentRequest: "id label phase profile model effort tools isolation max_tokens timeout retries critical "
    "on_interrupt spawns budget attempt identity role",
    Profile: "name model effort tools max_tokens timeout otherwise",
    Lost: "cause index attempts spent",
    Understood: "count of",
    HostRequest: "id call identity",
    ToolCall: "name",
    Question: "timeout",
}
"""Of each event, and of each object in one, the fields that stay; what has no line here stays whole where it stands."""

OWN = (of.UnderstandingReported,)
"""What the harness itself says, of objects that agents give too."""


def told(events: Iterable[tuple[float, Event]], *, content: bool) -> list[tuple[float, Event]]:
    """Return of a journal what may be told: all of it with content, else what is left of each event."""
    return list(events) if content else [(at, without_content(event)[0]) for at, event in events]


def without_content(event: Event) -> tuple[Event, list[str]]:
    """Return what is left of an event, and the places of all that was left out."""
    places: list[str] = []
    kept: Event = event if isinstance(event, OWN) else _bare(event, "", places)
    return kept, places


def _bare(whole: Any, around: str, places: list[str]) -> Any:
    kept, others = PARTED[type(whole)]
    told: dict[str, Any] = {}
    for name in kept:
        value = getattr(whole, name)
        if (type(whole), name) in SPECIAL:
            told[name] = SPECIAL[type(whole), name](whole)
            if told[name] != value:
                places.append(around + name)
        elif type(value) in HARMLESS:
            told[name] = _bare(value, f"{around}{name}.", places)
    for field in others:
        value, blank = getattr(whole, field.name), _blank(field, getattr(whole, field.name))
        if value != blank:
            told[field.name] = blank
            places.append(around + field.name)
    return replace(whole, **told) if told else whole


def _parted(kind: type) -> tuple[tuple[str, ...], tuple[Field[Any], ...]]:
    """Return the fields of a kind that stay, and those that do not."""
    assert is_dataclass(kind)
    named = tuple(HARMLESS[kind].split())
    return named, tuple(field for field in fields(kind) if field.name not in named)


PARTED = {kind: _parted(kind) for kind in HARMLESS}


def _blank(field: Field[Any], value: Any) -> Any:
    """Return what stands in the place of a value; of one that can be anything, its kind tells nothing either."""
    if field.default is not MISSING and (value == field.default or not isinstance(value, str)):
        return field.default
    if field.default_factory is not MISSING:
        return field.default_factory()
    if value is None and field.type != "Any":
        return None
    return {} if isinstance(value, dict) and field.type != "Any" else LEFT_OUT


def _label(request: AgentRequest) -> str:
    """Return what an agent is called; one without a label is called by its prompt, which is content."""
    return request.label or f"agent {request.id}"


def _numbers(steered: of.Steered) -> dict[str, tuple[Any, Any]]:
    """Return the limits that were changed: answers to questions stand there too."""
    changed = steered.changed.items()
    return {name: both for name, both in changed if all(one is None or type(one) in (int, float) for one in both)}


SPECIAL: Mapping[tuple[type, str], Callable[[Any], Any]] = {
    (AgentRequest, "label"): _label,
    (of.Steered, "changed"): _numbers,
}
"""Fields that are harmless in part."""
