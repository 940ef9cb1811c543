"""Programs of the command line that answer agents: those that are known, and what a project says of its own.

    [agents.reviewer]
    command = ["claude", "-p", "--output-format", "json", "--permission-mode", "plan"]
    format = "claude"
    acts = "reads"

They are asked where a person says `--agents command:NAME`. Executing them is `agents.adapters.command`.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from weft.primitives.tools import Acts
from weft.runtime.errors import UsageError
from weft.runtime.meant import did_you_mean
from weft.runtime.settings import COMMAND, Settings

__all__ = ["KNOWN_PROGRAMS", "Answerer", "Format", "ProgramConfig", "answerers", "program_of"]

Format = Literal["text", "json", "claude", "codex"]

Word = Annotated[str, Field(min_length=1, strict=True)]


class ProgramConfig(BaseModel):
    """One program, see `CommandAgents`."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True)

    command: Annotated[tuple[Word, ...], Field(min_length=1)]
    format: Format = "text"
    acts: Acts = "manual"


KNOWN_PROGRAMS: Mapping[str, ProgramConfig] = {
    "claude": ProgramConfig.model_construct(command=("claude", "-p", "--output-format", "json"), format="claude"),
    "codex": ProgramConfig.model_construct(
        command=("codex", "exec", "--json", "--skip-git-repo-check", "-"), format="codex"
    ),
}
"""By their names, with the words that have them answer once. No project can mean another one by these."""


@dataclass(frozen=True, slots=True)
class Answerer:
    """A program that answers agents, as plans show it and a yes binds it: a `tools.registry.Source` without tools."""

    name: str
    shown: str
    version: str = ""

    @property
    def binds(self) -> str:
        """Return what a yes is a yes to."""
        return self.shown

    def lacks(self) -> None:
        """Nothing: whether it is there is looked at before it is asked."""

    async def tools(self) -> tuple[Any, ...]:
        """Return its tools: none that are ours."""
        return ()

    async def close(self) -> None:
        """End nothing: what answers an agent ends with it."""


def program_of(settings: Settings, programs: Mapping[str, ProgramConfig]) -> ProgramConfig | None:
    """Return the program that answers agents, if one does.

    Raises:
        UsageError: there is none of that name.
    """
    name = settings.command
    if name is None:
        return None
    found = KNOWN_PROGRAMS.get(name) or programs.get(name)
    if found is None:
        names = [*KNOWN_PROGRAMS, *programs]
        raise UsageError(
            f"there is no program {name!r} to answer agents",
            meaning="nothing was started",
            fix=did_you_mean(name, names, f"[agents.{name or 'NAME'}] in weft.toml; there are {', '.join(names)}"),
        )
    return found


def answerers(settings: Settings, programs: Mapping[str, ProgramConfig]) -> tuple[Answerer, ...]:
    """Return what a plan says of the program that answers agents.

    Raises:
        UsageError: as `program_of`.
    """
    found = program_of(settings, programs)
    return () if found is None else (Answerer(f"{COMMAND}{settings.command}", shlex.join(found.command)),)
