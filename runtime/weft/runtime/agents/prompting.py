"""What a model is told of one agent call, and in which order: what siblings share comes first, to be cached.

In which form it is to answer is `shape`; what is sent when, `meter`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from pydantic_ai.messages import CachePoint, UserContent
from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings

from weft.runtime.agents.shape import asked_in_text
from weft.runtime.request import AgentRequest

__all__ = ["CONTEXT_END", "CONTEXT_START", "caches", "first_message", "keeps", "settings_of", "shared_part"]

CONTEXT_START, CONTEXT_END = "<context>\n", "\n</context>"
"""What stands around the context that is handed over."""

DONE_BEFORE = (
    "You were asked this before. What you had done by then is listed; do not do it again, and look "
    "first where it is not known how far it came:"
)

BEGUN_ANEW = "Files are as they were at first: what you had changed in them is to be done again."
"""Said besides where the working tree that it did that in is no more."""


def caches(model: Model) -> bool:
    """Whether a model keeps the beginning of a request where it is told to."""
    return bool(model.profile.get("supports_cache"))


def keeps(model: Model) -> bool:
    """Whether a model is known to keep the beginning of a request, told to or not, and to tell what it has kept."""
    return caches(model) or model.profile.get("default_cache_retention") is not None


def first_message(request: AgentRequest, *, in_text: bool, cached: bool) -> str | Sequence[UserContent]:
    """Return the first message to the model.

    Args:
        request: The agent.
        in_text: Whether it has to be told in words how to answer.
        cached: Whether the model may be told up to where a message is worth keeping.
    """
    own, shared = "\n\n".join(_own(request, in_text=in_text)), shared_part(request)
    if not shared:
        return own
    return [shared, CachePoint(), own] if cached else f"{shared}\n\n{own}"


def shared_part(request: AgentRequest) -> str:
    """Return what stands before what is the agent's own: the context that it may share with others, or nothing."""
    if request.context is None:
        return ""
    shown = request.context if isinstance(request.context, str) else json.dumps(request.context, indent=1)
    return f"{CONTEXT_START}{shown}{CONTEXT_END}"


def _own(request: AgentRequest, *, in_text: bool) -> list[str]:
    """Return what is this agent's alone."""
    parts = [request.prompt]
    if in_text and request.schema is not None:
        parts.append(asked_in_text(request.schema))
    if request.acted:
        anew = [] if request.folders is None else [BEGUN_ANEW]
        parts.append("\n".join([DONE_BEFORE, *(f"- {act}" for act in request.acted), *anew]))
    if request.complaint is not None:
        parts.append(f"Your last answer did not fit: {request.complaint}. Answer again.")
    return parts


def settings_of(request: AgentRequest) -> ModelSettings:
    """Return how hard the agent is to think, and what is kept of its requests.

    A conversation is kept only where it goes on: without tools nobody would read again what it costs more to write.
    """
    settings: ModelSettings = {"cache": True if request.tools else {"messages": False}}
    if request.effort is not None:
        settings["thinking"] = request.effort
    return settings
