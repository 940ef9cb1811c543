"""Calls that the host answers without a model, and whoever answers them: plain data, and one small protocol.

The counterpart for agents is `request`. Who answers what, and in which order they are asked, is `scheduling.desk`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol

import anyio

from weft.primitives.calls import HostCall, Question

__all__ = ["By", "Helper", "HostReply", "HostRequest", "away", "fitting", "nobody"]

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))

By = Literal[
    "tool",  # a tool of the host
    "terminal",  # a person at the terminal of the run
    "command",  # a person, by `weft answer`
    "script",  # a script that stands in for people and tools
    "deadline",  # the default of a question: nobody answered in time
    "nobody",  # the default of a question: nobody is there to be asked
]
"""Who or what gave an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRequest:
    """One call of the host."""

    id: int
    """Number of the call in the run."""
    call: HostCall
    identity: str = ""
    """Tells this asking from every other one, of any run; the same once more where a resumed run makes it again. Known
    to who answers."""

    @property
    def name(self) -> str:
        """Return what to call it in front of a person."""
        if isinstance(self.call, Question):
            return " ".join(self.call.text.split())[:48]
        return f"{self.call.name}({', '.join(map(str, self.call.arguments.values()))[:48]})"

    @property
    def title(self) -> str:
        """Return the same, with what kind of call it is."""
        return f"{'question' if isinstance(self.call, Question) else 'tool'} {self.name!r}"

    @property
    def tool(self) -> str:
        """Return the name of the tool; nothing for a question."""
        return "" if isinstance(self.call, Question) else self.call.name

    def key(self) -> str:
        """Return the identity of the call: SHA-256 over what decides the answer. How long it may take is no part."""
        content = asdict(self.call)
        content.pop("timeout", None)
        return hashlib.sha256(_CANONICAL.encode([type(self.call).__name__, content]).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class HostReply:
    """What a call of the host came to, and who gave the answer."""

    value: Any
    by: By
    who: str = ""
    """Which person it was, where one answered."""
    touched: tuple[str, ...] = ()
    """What a tool opened, as `path:first-last`."""


class Helper(Protocol):
    """Whoever may answer calls of the host."""

    async def __call__(self, request: HostRequest) -> HostReply | None:
        """Answer a call; `None` where it is not theirs to answer, or they have no answer to give.

        What is no answer to a question, such as none of its choices, leaves it to its default.

        Raises:
            AgentError: it is, and it failed, with a typed cause.
        """


def fitting(question: Question, said: str) -> str | None:
    """Return the answer that somebody means: the choice in any case, or what they say; `None` for no answer."""
    meant = said.strip()
    if question.choices is None:
        return meant or None
    alike = (choice for choice in question.choices if choice.strip().casefold() == meant.casefold())
    return next(alike, None)


async def nobody(request: HostRequest) -> HostReply | None:
    """Answer nothing: the helper where no person can come."""
    return None


async def away(request: HostRequest) -> HostReply | None:
    """Keep questions open, for somebody may come and answer; by a clock that does not wait, nobody could."""
    if isinstance(request.call, Question):
        await anyio.Event().wait()
    return None
