"""Plain functions as agents, which hand over to one another as in OpenAI's Swarm.

def triage(context, prompt):
    return refunds if "refund" in prompt else "Ask again tomorrow."
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import anyio.to_thread

from weft.runtime.request import AgentError, AgentReply, AgentRequest, Agents

__all__ = ["Function", "Handoff", "from_function"]

MOST_HANDOFFS = 20
"""How often one call may be handed over before it is lost."""

Function = Callable[[Any, str], Any]
"""`(context, prompt)`, also `async`: returns an answer, or the function that answers in its place."""


@dataclass(frozen=True, slots=True)
class Handoff:
    """Who answers in place of a function, where that is to be asked something else."""

    to: Function
    prompt: str | None = None
    """In place of the prompt of the call."""


def from_function(first: Function, *, handoffs: int = MOST_HANDOFFS) -> Agents:
    """Make agents of a function.

    It gets the `context` of the call, a copy that those to whom it hands over get too and may change, and the prompt,
    with what was wrong with the answer before where it is asked again. What it returns is the answer: data, or an
    `AgentReply` where it says what it cost; or who answers instead: a function, or a `Handoff`. A function that is not
    `async` is executed in a thread, and is not ended where its agent is.

    Args:
        first: Who is asked first.
        handoffs: Most times that one call is handed over.
    """

    async def answered(request: AgentRequest) -> AgentReply:
        context, prompt, function = copy.deepcopy(request.context), request.prompt, first
        if request.complaint is not None:
            prompt += f"\n\nYour last answer did not fit: {request.complaint}. Answer again."
        went: list[dict[str, Any]] = []
        for _ in range(handoffs + 1):
            answer = await _called(function, context, prompt)
            if isinstance(answer, AgentReply):
                return answer
            if isinstance(answer, Handoff):
                prompt = prompt if answer.prompt is None else answer.prompt
                answer = answer.to
            if not callable(answer):
                return AgentReply(value=answer, transcript=tuple(went))
            went.append({"part": "handoff", "content": f"{_name(function)} → {_name(answer)}"})
            function = answer
        names = " → ".join(str(entry["content"]).rpartition(" → ")[2] for entry in went[-3:])
        raise AgentError("stopped", f"it was handed over more than {handoffs} times, and nobody answered: … {names}")

    return answered


async def _called(function: Function, context: Any, prompt: str) -> Any:
    if inspect.iscoroutinefunction(function):
        return await function(context, prompt)
    answer = await anyio.to_thread.run_sync(function, context, prompt, abandon_on_cancel=True)
    return await answer if inspect.isawaitable(answer) else answer


def _name(function: Any) -> str:
    return str(getattr(function, "__name__", type(function).__name__))
