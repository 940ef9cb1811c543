"""The request and the reply of one agent call: plain data that could as well travel to another machine."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any, Protocol, get_args

from weft.primitives.calls import AgentCall
from weft.primitives.data import as_json
from weft.primitives.errors import NotJson
from weft.primitives.lost import NOTHING_SPENT, Cause, Spent
from weft.runtime.border import clean
from weft.runtime.change import Change
from weft.runtime.profile import Profile
from weft.runtime.settings import Settings
from weft.runtime.understood import Understood

__all__ = ["CONTENT", "KEY_SCHEME", "MAX_MESSAGE", "AgentError", "AgentReply", "AgentRequest", "Agents"]

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))

KEY_SCHEME = "2:"
"""How keys begin that are made as today. Those without it also counted how long the agent was waited for."""

CONTENT = ("prompt", "schema", "profile", "model", "effort", "tools", "context", "isolation", "max_tokens")
"""What a request asks for, in the order in which its key counts it."""

OF_PROFILES = ("model", "effort", "tools", "max_tokens", "timeout")
"""What a call may leave open to its profile."""

_GIVEN = attrgetter(*AgentCall.__slots__)
"""What a call says, all at once."""

MAX_MESSAGE = 2_000
"""Characters of a failure's message that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRequest(AgentCall):
    """One agent call with everything resolved: what `agent()` left open is filled in from the run's settings."""

    id: int
    """Number of the call in the run."""
    model: str
    tools: tuple[str, ...]
    timeout: float | None
    """Seconds; `None` for no limit."""
    retries: int
    """How often an answer that does not fit is asked for again."""
    attempt: int = 1
    """Which attempt this is, from 1."""
    complaint: str | None = None
    """What was wrong with the answer to the attempt before."""
    identity: str = ""
    """What tells this call from every other of any run; the same when the run is resumed."""
    role: Profile | None = None
    """What the profile says that it goes by; of a pool, the one that was chosen. What of it holds is filled in."""
    acted: tuple[str, ...] = ()
    """What an earlier attempt of it did to the world before it was interrupted, a line for each; it is told."""
    folders: tuple[Path, ...] | None = None
    """What it sees in place of the run's folders: the same ones in a working tree of its own, which is new."""

    @property
    def name(self) -> str:
        """Return what to call it in front of a person."""
        return self.label or " ".join(self.prompt.split())[:48]

    @property
    def group(self) -> tuple[str, str | None]:
        """Return its model and its profile, of which only so many may be at work: of a pool, the chosen one."""
        return self.model, self.profile if self.role is None else self.role.name

    @property
    def instructions(self) -> str | None:
        """Return what its profile tells it, besides what all agents are told."""
        return None if self.role is None else self.role.instructions

    def key(self) -> str:
        """Return the identity of the call: `KEY_SCHEME`, and SHA-256 over what decides the answer.

        How it is shown is no part of it, nor how long it may take: an answer that came is used again under any limit.
        """
        content = [getattr(self, name) for name in CONTENT]
        if self.instructions is not None:
            content.append(self.instructions)
        if self.spawns is not None:
            content.append({"spawns": self.spawns})
        return KEY_SCHEME + hashlib.sha256(_CANONICAL.encode(content).encode()).hexdigest()

    def seed(self) -> str:
        """Return what to draw random waits by: the same in every run, and another one for each of equal calls."""
        return f"{self.id}:{self.key()}"

    @classmethod
    def resolve(
        cls, number: int, call: AgentCall, settings: Settings, phase: str | None, role: Profile | None = None
    ) -> AgentRequest:
        """Fill in what the call leaves open: from its profile, the run's settings, and the phase that has begun."""
        given = dict(zip(AgentCall.__slots__, _GIVEN(call), strict=True))
        given["phase"] = call.phase or phase
        if role is not None:
            said = {name: getattr(role, name) for name in OF_PROFILES}
            given |= {name: value for name, value in said.items() if given[name] is None}
        given["model"] = given["model"] or settings.model
        given["timeout"] = given["timeout"] or settings.timeout
        given["tools"] = settings.tools if given["tools"] is None else given["tools"]
        given["retries"] = settings.retries if call.retries is None else call.retries
        return cls(id=number, role=role, **given)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentReply:
    """What an agent answered, and what it rests on."""

    value: Any
    spent: Spent = NOTHING_SPENT
    """What it cost, where that did not go through the run's budget anyway; never negative."""
    touched: tuple[str, ...] | None = None
    """What its tools really opened, as `path:first-last` or a URL, and what they searched or ran, as `tool("…")`;
    `None` where nobody keeps a record of that, or there were no tools. Votes are weighed by it."""
    transcript: tuple[dict[str, Any], ...] = ()
    """The conversation, as JSON data, for whoever wants to look."""
    answered_by: str | None = None
    """The model that answered, where it was another one than asked for."""
    understood: Understood | None = None
    """How much of what it was asked about it could make something of; where that is not all, the run is not clean."""
    change: Change | None = None
    """What it has changed in a working tree of its own; the harness gets it with the value. Nobody asks for it else."""


class AgentError(Exception):
    """One attempt of an agent failed; `passing` tells whether another attempt may help.

    What it says is made fit to be recorded: without secrets, and as JSON data.
    """

    def __init__(
        self,
        cause: Cause,
        message: str,
        *,
        passing: bool = False,
        wait: float | None = None,
        partial: Any = None,
        spent: Spent = NOTHING_SPENT,
    ) -> None:
        """Describe the failure.

        Args:
            cause: What kind of failure it is.
            message: One sentence for a person.
            passing: Whether another attempt may help.
            wait: Seconds that the provider asked to wait before another attempt.
            partial: What there was of an answer, as JSON data.
            spent: What the attempt cost, as in `AgentReply.spent`.

        Raises:
            ValueError: there is no such cause.
        """
        if cause not in get_args(Cause):
            raise ValueError(f"{cause!r} is no cause of a loss; there are {', '.join(get_args(Cause))}")
        message = clean(str(message))[:MAX_MESSAGE]
        super().__init__(message)
        self.cause: Cause = cause
        self.message: str = message
        self.passing = passing
        self.wait = wait
        self.partial = _recordable(partial)
        self.spent = spent

    def final(self) -> AgentError:
        """Return the same failure as one that nobody tries again."""
        return AgentError(self.cause, self.message, partial=self.partial)


def _recordable(partial: Any) -> Any:
    try:
        return as_json(clean(partial), "partial")
    except (NotJson, RecursionError) as error:
        return f"(not shown: {error})"


class Agents(Protocol):
    """Whoever answers agent calls.

    Code that does not know the run's budget says in its replies what they cost; it is asked no more once that has
    reached the ceiling.
    """

    async def __call__(self, request: AgentRequest) -> AgentReply:
        """Answer one attempt.

        Raises:
            AgentError: the attempt failed, with a typed cause.
        """
