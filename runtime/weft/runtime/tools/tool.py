"""What a tool is, and what one call of it knows. Which tools there are is `registry`; who may call them, `allowed`."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from weft.primitives.tools import Acts
from weft.runtime.border import masked
from weft.runtime.granted import Grant, fits
from weft.runtime.request import AgentRequest
from weft.runtime.tools.folders import Folders

__all__ = ["Calling", "Tool", "as_given", "asked_of", "taking"]

MOST_RECORDED = 300
"""Characters that are recorded of what a call is given."""

LONGEST_SHOWN = 64
"""Characters of a name that providers take."""


@dataclass(slots=True, kw_only=True)
class Calling:
    """What the calls of one agent's tools know of it."""

    request: AgentRequest
    folders: Folders
    """What may be seen. Where the agent has a working tree of its own, that is all of it."""
    touched: dict[str, None] = field(default_factory=dict)
    """What was really opened, asked or done, in order: see `AgentReply.touched`."""
    grants: tuple[Grant, ...] = ()
    """All that a person has granted, for tools that do more where they may."""
    key: str = ""
    """Of the call at hand: the same when it is made again by a resumed run, and for no other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One thing that an agent can do."""

    name: str
    """By which harnesses, permissions and the journal know it, as in `write_file` or `mcp:github.search_issues`."""
    description: str
    """What agents are told of it."""
    acts: Acts
    """What a call does to the world, which decides whether a resume may repeat it."""
    parameters: Mapping[str, Any]
    """JSON Schema of an object: what it takes."""
    call: Callable[[Calling, dict[str, Any]], Awaitable[str]]
    """Does it, and returns what the agent is told. Raises `ToolRefused` with why not, and what can be done instead;
    any other error is told as one of the tool, and costs nobody but this call."""
    free: bool = False
    """Whether agents have it without a grant: it reads in the folders that they were given, or stays within the run."""
    subject: Callable[[Mapping[str, Any]], str] | None = None
    """What a call is about, which the pattern of a permission is held against: a path, a command, an address. Raises
    `ToolRefused` where that cannot be told. Without it a permission is for all calls."""

    fits: Callable[[str, str], bool] = fits
    """Whether the pattern of a permission, which comes first, is about the subject of a call."""
    stays: Callable[[Calling], bool] | None = None
    """Whether all that its calls do is in the folders. Where these are of a worktree, which is made anew for whoever is
    asked again, a resume may repeat them unasked."""
    foreign: bool = False
    """Whether what it answers comes from elsewhere, and at any length: it is marked as data, and given in pages."""
    patient: bool = False
    """Whether a call may take as long as it takes: those who answer it have limits of their own."""
    example: str = "*"
    """A pattern of a permission, for people to go by."""

    data: Callable[[Calling, dict[str, Any]], Awaitable[Any]] | None = None
    """Does the same for a harness, and returns JSON data in place of text, where it has any."""

    @property
    def shown(self) -> str:
        """Return the name that models are given, of which providers take letters, digits, `_` and `-` alone.

        Of one that is too long the end stays, which says most.
        """
        shown = re.sub(r"[^A-Za-z0-9_-]", "_", self.name)
        if len(shown) <= LONGEST_SHOWN:
            return shown
        mark = hashlib.sha256(self.name.encode()).hexdigest()[:6]
        return f"t{mark}_{shown[len(mark) + 2 - LONGEST_SHOWN :]}"


def as_given(arguments: Mapping[str, Any]) -> str:
    """Return what a call is about that only its arguments tell: the text, where it is given nothing else, or all."""
    match [*arguments.values()]:
        case [str(text)]:
            return text
        case []:
            return ""
    return json.dumps(arguments, ensure_ascii=False, sort_keys=True)


def asked_of(name: str, arguments: Mapping[str, Any]) -> str:
    """Return what is recorded of a call that opened nothing of which more is known than what it was given."""
    said = json.dumps(arguments, ensure_ascii=False, sort_keys=True)
    return masked(f"{name}({said if len(said) <= MOST_RECORDED else said[:MOST_RECORDED] + '…'})")


def taking(properties: Mapping[str, tuple[str, str]], required: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the schema of what a tool takes.

    Args:
        properties: The type and the meaning of each parameter, by its name.
        required: Those that must be given.
    """
    return {
        "type": "object",
        "properties": {name: {"type": kind, "description": said} for name, (kind, said) in properties.items()},
        "required": [*required],
        "additionalProperties": False,
    }
