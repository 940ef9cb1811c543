"""The profiles of a project, by name: files of `.weft/agents`, and pools of `weft.toml`.

    .weft/agents/*.md       of the project
    .claude/agents/*.md     of the project, for another product; what that has beyond ours is left out, with a word
    ~/.weft/agents/*.md     of the user, in every project

Of one name the first counts. What is wrong with a profile is said where somebody wants to use it, and not before. Which
profile of a pool an agent goes by is told in `weft.runtime.agents.cast`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from weft.primitives.calls import Effort
from weft.runtime.border import clean, writable
from weft.runtime.errors import Refused
from weft.runtime.meant import did_you_mean
from weft.runtime.profile import Profile
from weft.runtime.project.files import read_text, shown_path
from weft.runtime.project.front_matter import Unreadable, divided, loosely_read, strictly_read
from weft.runtime.project.harness import Harness, literal_profiles
from weft.runtime.settings import LOCAL, OFFLINE, is_local, seconds

if TYPE_CHECKING:
    from weft.linter import Role

__all__ = ["ALIASES", "INHERIT", "Known", "Origin", "Profiles", "check_profiles", "role_of"]

MOST_BYTES = 256_000
"""What a file may have."""

INHERIT = "inherit"
"""The model of the run."""

ALIASES = ("haiku", "opus", "sonnet")
"""Families of Anthropic's models, by which other products name them."""

Origin = Literal["project", "claude", "user", "config", "pool"]
"""Where a profile comes from: a folder, or a table of `weft.toml`."""

FOLDERS: dict[Origin, str] = {"project": ".weft/agents", "claude": ".claude/agents", "user": "~/.weft/agents"}

THEIR_TOOLS = {
    "Read": "read_file",
    "Grep": "search_text",
    "Glob": "list_files",
    "LS": "list_files",
    "Write": "write_file",
    "Edit": "edit_file",
    "MultiEdit": "edit_file",
    "Bash": "run_command",
    "WebFetch": "fetch_url",
}
"""What the tools of the other product are called here."""


THEIR_MODELS = {"default": INHERIT, "sonnet[1m]": "sonnet", "opusplan": "opus"}
"""What they call models besides, of which there are no such kinds here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known by one name."""

    name: str
    origin: Origin
    where: str = "weft.toml"
    description: str = ""
    profile: Profile | None = None
    """What it says; nothing for a pool, where something is wrong, or where no more is known than its name."""
    members: tuple[str, ...] = ()
    """Of a pool: profiles and models."""
    concurrency: int | None = None
    fault: str | None = None
    """Why nobody can go by it."""
    left_out: tuple[str, ...] = ()
    """What it says that means nothing here."""


# ------------------------------------------------------------------------------------------------ one file


def _as_list(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _as_seconds(value: object) -> object:
    return seconds(str(value)) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else value


def _model(value: object) -> object:
    if not isinstance(value, str) or ":" in value or value in (INHERIT, OFFLINE, *ALIASES) or is_local(value):
        return value
    otherwise = f"models are named provider:model, {LOCAL}, {OFFLINE}, {', '.join(ALIASES)} or {INHERIT}"
    raise ValueError(f"there is no model {value!r}; {did_you_mean(value, (*ALIASES, LOCAL, OFFLINE), otherwise)}")


Count = Annotated[int, Field(ge=1, strict=True)]


class _Limits(BaseModel):
    model_config = ConfigDict(defer_build=True, extra="forbid")
    concurrency: Count | None = None


class _Fields(BaseModel):
    """What a file may say before its text."""

    model_config = ConfigDict(defer_build=True, extra="forbid", allow_inf_nan=False)
    name: Annotated[str, Field(pattern=r"^\w[\w .-]{0,99}$")] | None = None
    description: str = ""
    model: Annotated[str | None, BeforeValidator(_model)] = None
    effort: Effort | None = None
    tools: Annotated[tuple[str, ...] | None, BeforeValidator(_as_list)] = None
    max_tokens: Count | None = None
    timeout: Annotated[float | None, BeforeValidator(_as_seconds)] = None
    limits: _Limits = Field(default_factory=_Limits)


def _known(path: Path, origin: Origin, root: Path) -> Known:
    """Return what a file says, or what is wrong with it."""
    stem = writable(path.stem)
    known = Known(name=stem, origin=origin, where=writable(shown_path(path)))
    try:
        if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root)):  # which leaves loops to the reading
            raise Unreadable("it leads to a file outside of the project")
        fields, text = divided(read_text(path, MOST_BYTES))
        read = loosely_read(fields) if origin == "claude" else strictly_read(fields)
    except UnicodeDecodeError:
        return replace(known, fault="it is no UTF-8 text")
    except OSError as error:
        return replace(known, fault=f"it cannot be read: {error.strerror}")
    except Unreadable as error:
        return replace(known, fault=str(error))
    read, left_out = _ours(read) if origin == "claude" else (read, ())
    named = read.get("name")
    if isinstance(named, str) and named.isprintable():
        known = replace(known, name=named[:100])
    try:
        said = _Fields.model_validate(read)
    except ValidationError as error:
        return replace(known, fault=_fault(error), left_out=left_out)
    name = said.name or stem
    profile = Profile(
        name=name,
        instructions=clean(text) or None,
        model=None if said.model == INHERIT else said.model,
        effort=said.effort,
        tools=said.tools,
        max_tokens=said.max_tokens,
        timeout=said.timeout,
    )
    about = {"description": clean(" ".join(said.description.split())), "concurrency": said.limits.concurrency}
    return replace(known, name=name, profile=profile, left_out=left_out, **about)


def _fault(error: ValidationError) -> str:
    """Return the first thing that is wrong with the fields of a file."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"][:2])
    if first["type"] != "extra_forbidden":
        return f"its field {place!r} is none: {str(first['msg']).removeprefix('Value error, ')}"
    fields = _Limits.model_fields if len(first["loc"]) > 1 else _Fields.model_fields
    there = f"there are {', '.join(fields)}"
    return f"there is no field {place!r}; {did_you_mean(str(first['loc'][-1]), fields.keys(), there)}"


def _ours(read: Mapping[Any, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return what fields of the other product mean here, and what of it means nothing."""
    ours = {name: value for name, value in read.items() if name in _Fields.model_fields and value not in (None, "")}
    left_out = [str(name)[:50] for name in read if name not in _Fields.model_fields]
    model = ours.get("model")
    if isinstance(model, str):
        ours["model"] = THEIR_MODELS.get(model, f"anthropic:{model}" if model.startswith("claude-") else model)
    theirs = _as_list(ours.get("tools"))
    if isinstance(theirs, list) and "*" in theirs:  # all there are, as where nothing is said
        del ours["tools"]
    elif isinstance(theirs, list):
        tools = {one: _our_tool(str(one)) for one in theirs}
        ours["tools"] = list(dict.fromkeys(tool for tool in tools.values() if tool is not None))
        left_out += [f"tool {str(one)[:50]}" for one, tool in tools.items() if tool is None]
    return ours, tuple(left_out)


def _our_tool(theirs: str) -> str | None:
    served = re.fullmatch(r"mcp__(.+?)__(.+)", theirs)
    if served is not None:
        return f"mcp:{served[1]}.{served[2]}"
    return THEIR_TOOLS.get(theirs.partition("(")[0], theirs if theirs in THEIR_TOOLS.values() else None)


# ------------------------------------------------------------------------------------------------ all of them


@dataclass(frozen=True)
class Profiles:
    """All profiles of a project; files are read when the first of them is asked for."""

    root: Path | None = None
    """The folder of the project."""
    configured: Mapping[str, int | None] = field(default_factory=dict)
    """Profiles of `weft.toml`, and how many agents of each may be at work."""
    pools: Mapping[str, Collection[str]] = field(default_factory=dict)

    @cached_property
    def all(self) -> dict[str, Known]:
        """All of them, by name."""
        found: dict[str, Known] = {}
        for origin, folder in FOLDERS.items() if self.root is not None else ():
            for name, known in _in_folder(self.root or Path(), origin, folder).items():
                found.setdefault(name, known)
        for name, most in self.configured.items():
            before = found.get(name, Known(name=name, origin="config"))
            found[name] = replace(before, concurrency=most or before.concurrency)
        for name, members in self.pools.items():
            fault = f"{found[name].where} and weft.toml both have one of this name" if name in found else None
            found[name] = Known(name=name, origin="pool", members=tuple(members), fault=fault)
        return found

    @property
    def concurrency(self) -> dict[str, int]:
        """How many agents of each may be at work, where somebody says it."""
        return {name: known.concurrency for name, known in self.all.items() if known.concurrency is not None}

    def of(self, name: str) -> list[Profile]:
        """Return the profiles of which an agent goes by one that asks for this name: several of a pool.

        Where something is wrong with it, there are none, as for a name that stands for nothing but a limit.
        """
        known = self.all.get(name)
        if known is None or self.problem(name) is not None:
            return []
        if known.origin != "pool":
            return [] if known.profile is None else [known.profile]
        return [self._member(member) for member in known.members]

    def _member(self, name: str) -> Profile:
        known = self.all.get(name)
        if known is None:
            return Profile(name=name, model=None if name == INHERIT else name)
        return known.profile or Profile(name=name)

    def problem(self, name: str) -> str | None:
        """Return why no agent can go by a profile; nothing where one can."""
        known = self.all.get(name)
        if known is None:
            return self._missing(name)
        if known.fault is not None:
            return f"the profile {name!r} means nothing: {known.where}: {known.fault}"
        for member in known.members:
            wrong = self._member_problem(member)
            if wrong is not None:
                return f"the pool {name!r} means nothing: {wrong}"
        return None if known.members or known.origin != "pool" else f"the pool {name!r} is empty"

    def _member_problem(self, member: str) -> str | None:
        if member in self.all:
            inner = self.all[member].origin == "pool"
            return f"{member!r} is a pool itself" if inner else self.problem(member)
        try:
            _model(member)
        except ValueError:
            names = [*self.all, *ALIASES]
            meant = did_you_mean(member, {one: repr(one) for one in names}, f"there are {', '.join(names)}")
            return f"there is neither a profile nor a model {member!r}; {meant}"
        return None

    def _missing(self, name: str) -> str:
        if not self.all:
            return f"there is no profile {name!r}: neither weft.toml nor .weft/agents has any"
        meant = did_you_mean(name, {one: repr(one) for one in self.all}, f"there are {', '.join(self.all)}")
        return f"there is no profile {name!r}; {meant}"


def _in_folder(root: Path, origin: Origin, folder: str) -> dict[str, Known]:
    """Return what the files of a folder say, by name; where two say they have the same, it is nobody's."""
    within = Path(os.path.expanduser("~")) if origin == "user" else root
    found: dict[str, Known] = {}
    for known in _files(within / folder.removeprefix("~/"), origin, within):
        other = found.get(known.name)
        both = f"{known.where} has the same name" if other is not None else None
        found[known.name] = known if other is None else replace(other, profile=None, fault=both)
    return found


def _files(folder: Path, origin: Origin, within: Path) -> Iterator[Known]:
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".md")
    except OSError:  # no folder, or not for us
        return
    for path in paths:
        yield _known(path, origin, within)


def check_profiles(harness: Harness, profiles: Profiles) -> None:
    """Check that there are the profiles which a harness names; those that it computes show when they are used.

    Raises:
        Refused: one of them is not there, or nobody can go by it.
    """
    for named in literal_profiles(harness):
        problem = profiles.problem(named.name)
        if problem is not None:
            raise Refused(
                problem,
                where=f"{harness.filename}:{named.line}",
                meaning="nothing was started",
                fix="weft profiles shows all; mend it, write .weft/agents/NAME.md, or name another one in the harness",
            )


def role_of(profiles: Profiles, name: str) -> Role:
    """Return what the linter should know of a profile: of a pool, whatever any of it may use."""
    from weft.linter import Role  # the host itself does without it

    said = [profile.tools for profile in profiles.of(name) if profile.tools is not None]
    tools = tuple(dict.fromkeys(tool for tools in said for tool in tools)) if said else None
    return Role(profiles.problem(name), tools)
