"""What a yes to a plan is a yes to: the source, the arguments, what agents may do, and how wide it may become.

All of it is one digest: whatever of it changes is asked about again. Which digests were approved is
`project.approvals`; who asks is the command line, and who holds a run to its widths is `scheduling.widths`.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from weft.runtime.journal.events import AgentCalled, FanOutBegan
from weft.runtime.project.approvals import trusted
from weft.runtime.project.config import Config
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import Harness
from weft.runtime.project.phases import called_names, computes_names
from weft.runtime.rehearsal.playing import Played
from weft.runtime.scheduling.widths import IN_ALL, place_of
from weft.runtime.settings import OFFLINE, Settings
from weft.runtime.tools.registry import Source

__all__ = ["Permissions", "Terms", "parts_of", "terms_of"]

SAID = "said"
"""Under which name the fields of `Terms` have words for people."""


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Permissions:
    """What the agents of a harness may do, and who they are."""

    folders: tuple[str, ...] = field(metadata={SAID: "folders (--dir)"})
    """What they may read, from the working directory where it is below that."""
    tools: tuple[str, ...] = field(metadata={SAID: "the tools of agents"})
    """What they were given in any rehearsed run, and what they have where none is named."""
    allowed: tuple[str, ...] = field(metadata={SAID: "what is granted (--allow)"})
    """What is granted to them besides reading."""
    models: tuple[str, ...] = field(metadata={SAID: "models (--model)"})
    """Who was asked in any rehearsed run, who is asked where none is named, and whom a project has in their place or
    compares texts by: all who are told what agents see."""
    agents: str = field(metadata={SAID: "who answers agents (--agents)"})
    """Who answers for them: models, or a script."""
    sources: Mapping[str, str] = field(
        metadata={SAID: "what is started or imported for added tools"}, default_factory=dict
    )
    """What is started, asked or imported for the tools that the project adds, by their names."""
    profiles: Mapping[str, str] = field(metadata={SAID: "profiles, or what they say"}, default_factory=dict)
    """By what profiles they went in any rehearsed run, and the digests of what these say."""


@dataclass(frozen=True, slots=True)
class Terms:
    """All that an approval binds."""

    sources: Mapping[str, str] = field(metadata={SAID: "the harness, or a saved one that it calls"})
    """The digest of the harness, by nothing, and of the saved ones that it calls by name; where it finds out only as it
    runs which it calls, of all that are approved."""
    args: Any = field(metadata={SAID: "arguments (--args)"})
    permissions: Permissions
    agents: int | None = field(metadata={SAID: "the most agents that it can start"})
    """The most that it can start; `None` where nothing is proved, and the widths hold instead."""
    widths: Mapping[str, int] = field(metadata={SAID: "how wide it became in rehearsal"})
    """Of each fan-out, by its place, as how many branches it had in the widest of the rehearsed runs, and how many
    agents the largest of them asked `IN_ALL`; nothing where a most is proved, which no run can exceed, or where no
    rehearsed run says anything."""

    @property
    def digest(self) -> str:
        """Return the SHA-256 of all of it, as canonical JSON."""
        bound = asdict(self)
        for later in ("sources", "profiles"):  # as before there were any
            if not bound["permissions"][later]:
                del bound["permissions"][later]
        return hashlib.sha256(_CANONICAL.encode(bound).encode()).hexdigest()


def parts_of(terms: type[Terms] | type[Permissions] = Terms) -> list[str]:
    """Return what people call each part of what a yes binds: none is without words."""
    return [
        said
        for part in fields(terms)
        for said in (parts_of(Permissions) if part.name == "permissions" else [part.metadata[SAID]])
    ]


def terms_of(
    harness: Harness,
    args: Any,
    settings: Settings,
    project: Project,
    bound: int | str,
    played: Sequence[Played],
    sources: Sequence[Source] = (),
    config: Config | None = None,
) -> Terms:
    """Return what a yes to a rehearsed harness would bind.

    Args:
        harness: What is to be run.
        args: Its arguments.
        settings: As they hold for it.
        project: Where the saved harnesses are that it calls.
        bound: The most agents that it can start, or in words that nothing is proved.
        played: The rehearsed runs.
        sources: Where those tools come from that the project adds, and that are granted.
        config: What the project says of models: who else may be asked.
    """
    asked = [event.request for run in played for event in run.events if isinstance(event, AgentCalled)]
    permissions = Permissions(
        folders=tuple(sorted({_shown(folder) for folder in settings.folders})),
        tools=tuple(sorted({*settings.tools, *(tool for request in asked for tool in request.tools)})),
        allowed=tuple(sorted(settings.allow)),
        models=tuple(sorted(_asked({settings.model, *(request.model for request in asked)}, settings, config))),
        agents=settings.agents,
        sources={source.name: source.binds for source in sources},
        profiles={request.role.name: request.role.digest for request in asked if request.role is not None},
    )
    proved = bound if isinstance(bound, int) else None
    widths = _widths(played) if proved is None else {}
    return Terms(dict(_sources(harness, project)), args, permissions, proved, widths)


def _asked(models: set[str], settings: Settings, config: Config | None) -> set[str]:
    """Return who may be told what agents see, where these models are asked."""
    if config is None or settings.stub is not None:
        return models
    comparing = set() if config.embeddings is None or settings.model == OFFLINE else {config.embeddings.model}
    return models | comparing | {other for model in models for other in config.model(model).fallback}


def _shown(folder: Path) -> str:
    """Return a folder so that another checkout of the same project has the same."""
    here = os.path.relpath(folder.absolute())
    return str(folder.absolute()) if here.startswith("..") else here


def _widths(played: Sequence[Played]) -> dict[str, int]:
    widths: dict[str, int] = {}
    for run in played:
        widths[IN_ALL] = max(widths.get(IN_ALL, 0), run.agents)
        for event in run.events:
            if isinstance(event, FanOutBegan):
                place = place_of(event.chain, event.line)
                widths[place] = max(widths.get(place, 0), event.width)
    return widths


def _sources(harness: Harness, project: Project) -> Iterator[tuple[str, str]]:
    """Yield the digest of a harness, and of those that it calls, or may call."""
    yield "", harness.digest
    seen, left, computed = {""}, [harness.source], False
    while left:
        text = left.pop()
        computed = computed or computes_names(text)
        for name in called_names(text) - seen:
            seen.add(name)
            source = project.find_source(name)
            if source is not None:
                left.append(source)
                yield name, hashlib.sha256(source.encode()).hexdigest()
    for saved in project.harnesses() if computed else ():
        if saved.name not in seen and saved.harness is not None and trusted(saved.harness):
            yield saved.name, saved.harness.digest
