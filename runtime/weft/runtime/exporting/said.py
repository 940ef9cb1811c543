"""What spans say of agents, requests and tools, as attributes. Names of the conventions are in `conventions`."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from weft.primitives.lost import Spent
from weft.runtime.border import clean
from weft.runtime.exporting.steps import Sent, Used, model_of
from weft.runtime.journal import AgentState

__all__ = [
    "LONGEST",
    "agent_attributes",
    "as_text",
    "for_viewers",
    "messages",
    "request_attributes",
    "role_of",
    "score_of",
    "tool_attributes",
    "tool_type",
    "usage_of",
]

LONGEST = 32_000
"""How many letters of a text are in an attribute."""

SCORES = {"supported": 1.0, "qualified": 0.5, "refuted": 0.0}
"""What votes are as numbers; one that has not looked is none."""


KINDS = {"invoke_agent": "AGENT", "chat": "LLM", "execute_tool": "TOOL"}
"""What OpenInference calls a span, by its operation; all others are a `CHAIN`."""


def for_viewers(said: Mapping[str, Any], viewers: Collection[str]) -> dict[str, Any]:
    """Return what a span says, and the same in names that viewers read besides those of the conventions.

    `langfuse` reads costs, tokens written to caches, and what is a chain, by other names; `openinference` is read by
    versions of Phoenix before 15.10.
    """
    operation, more = said.get("gen_ai.operation.name"), dict(said)
    if "openinference" in viewers:
        more["openinference.span.kind"] = KINDS.get(str(operation), "CHAIN")
    if "langfuse" in viewers and operation not in KINDS:
        more["langfuse.observation.type"] = "chain"
    if "langfuse" in viewers and operation == "chat":  # of agents, too, the same dollars would be counted twice
        more["gen_ai.usage.cost"] = said["weft.cost.usd"]
        if "gen_ai.usage.cache_write.input_tokens" in said:
            more["gen_ai.usage.cache_creation.input_tokens"] = said["gen_ai.usage.cache_write.input_tokens"]
    return more


def agent_attributes(agent: AgentState, run: str, at: float, *, content: bool) -> dict[str, Any]:
    """Return what is known of an agent as it begins, at `at`."""
    called, request = agent.called, agent.called.request
    said: dict[str, Any] = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": role_of(agent),
        "gen_ai.conversation.id": run,
        "gen_ai.request.model": model_of(request.model)[1],
        "weft.agent.id": called.id,
        "weft.agent.label": request.label or f"agent {called.id}",
        "weft.agent.source": "cached" if agent.reused else "live",
        "weft.call.key": called.key,
        "weft.queue.wait_s": max(0.0, at - agent.queued_at),
    }
    if request.max_tokens:
        said["gen_ai.request.max_tokens"] = request.max_tokens
    if request.schema is not None:
        said["gen_ai.output.type"] = "json"
    if content:
        said["gen_ai.input.messages"] = messages("user", request.prompt)
        if request.instructions is not None:
            said["gen_ai.system_instructions"] = as_text([{"type": "text", "content": clean(request.instructions)}])
    return said


def request_attributes(sent: Sent, agent: AgentState, run: str) -> dict[str, Any]:
    """Return what is known of a request to a model."""
    request, told, spent = agent.called.request, sent.told, sent.spent
    kept: dict[str, Any] = {
        "gen_ai.usage.cache_read.input_tokens": spent.cache_read_tokens,
        "gen_ai.usage.cache_write.input_tokens": spent.cache_write_tokens,
        "gen_ai.usage.reasoning.output_tokens": spent.reasoning_tokens,
        "gen_ai.request.reasoning.level": request.effort,
        "gen_ai.output.type": "json" if request.schema is not None else None,
    }
    if told is not None:
        finish = "error" if told.failed is not None else told.finish
        kept |= {
            "gen_ai.request.max_tokens": told.most_output,
            "gen_ai.request.stream": told.first is not None,
            "gen_ai.response.model": told.answered_by,
            "gen_ai.response.id": told.response,
            "gen_ai.response.finish_reasons": None if finish is None else [finish],
            "gen_ai.response.time_to_first_chunk": told.first,
            "weft.request.resent": told.resent,
            "error.type": told.failed,
        }
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": sent.provider,
        "gen_ai.request.model": sent.model,
        "gen_ai.conversation.id": run,
        **usage_of(spent),
        "weft.cost.usd": spent.usd,
        "weft.budget.reserved_usd": sent.reserved_usd,
        **{name: value for name, value in kept.items() if value},
    }


def tool_attributes(used: Used, role: str | None, *, content: bool) -> dict[str, Any]:
    """Return what is known of the call of a tool, by an agent in a role or by the harness itself."""
    said = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": used.name,
        "gen_ai.tool.type": tool_type(used.name),
    }
    if role is not None:
        said["gen_ai.agent.name"] = role
    if used.name.startswith("mcp:"):
        said["mcp.method.name"] = "tools/call"
    if used.error is not None:
        said["error.type"] = used.error
    if content and used.subject:
        said["gen_ai.tool.call.arguments"] = used.subject
    return said


def tool_type(name: str) -> str:
    """Return what kind of tool it is, in the words of the conventions: whether it is executed here, or by a server."""
    return "extension" if name.startswith("mcp:") else "function"


def role_of(agent: AgentState) -> str:
    """Return what an agent is for, of which a harness has few: its profile, else its phase."""
    return agent.called.request.profile or agent.phase.title or "agent"


def usage_of(spent: Spent) -> dict[str, int]:
    """Return what was used as attributes: the input counts what caches gave and took."""
    return {"gen_ai.usage.input_tokens": spent.input_tokens, "gen_ai.usage.output_tokens": spent.output_tokens}


def score_of(vote: dict[str, Any], *, content: bool) -> dict[str, Any]:
    """Return a vote on a claim as the result of an evaluation."""
    verdict = str(vote.get("verdict"))
    said: dict[str, Any] = {"gen_ai.evaluation.name": "verify", "gen_ai.evaluation.score.label": verdict}
    if verdict in SCORES:
        said["gen_ai.evaluation.score.value"] = SCORES[verdict]
    if content:
        said["gen_ai.evaluation.explanation"] = str(vote.get("reason"))[:LONGEST]
    return said


def messages(role: str, value: Any) -> str:
    """Return what was said in a role, in the form of the conventions."""
    text = value if isinstance(value, str) else as_text(value)
    return as_text([{"role": role, "parts": [{"type": "text", "content": clean(text)[:LONGEST]}]}])


def as_text(value: Any) -> str:
    """Return data as JSON without secrets, as far as that is sent."""
    return json.dumps(clean(value), ensure_ascii=False)[: 2 * LONGEST]
