"""`agent`, the one primitive that starts a sub-agent. What the others do is written on top of it."""

from __future__ import annotations

import math
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from types import CoroutineType
from typing import Any, Literal, TypeVar, get_args

from weft.primitives.calls import AgentCall, Effort, OnInterrupt, Reply, call, current
from weft.primitives.data import as_json
from weft.primitives.errors import agent_failed
from weft.primitives.returned import returned

__all__ = ["agent", "ask_agent", "asked", "is_one_agent", "value_of"]

Choice = TypeVar("Choice")

EFFORTS = (None, *get_args(Effort))
ON_INTERRUPT = get_args(OnInterrupt)


def agent(
    prompt: str,
    *,
    schema: dict[str, Any] | None = None,
    label: str | None = None,
    phase: str | None = None,
    profile: str | None = None,
    model: str | None = None,
    effort: Effort | None = None,
    tools: Sequence[str] | None = None,
    context: Any = None,
    isolation: Literal["worktree"] | None = None,
    max_tokens: int | None = None,
    timeout: float | None = None,
    retries: int | None = None,
    critical: bool = False,
    on_interrupt: OnInterrupt = "rerun",
    spawns: int | None = None,
    budget: float | None = None,
) -> Coroutine[Any, Any, Any]:
    """Describe one sub-agent with a fresh context; it starts when this is awaited or handed to a fan-out.

    Args:
        prompt: What the agent is asked, complete: it sees nothing else of the run.
        schema: JSON Schema (2020-12) that the answer must satisfy; without it the answer is text.
        label: Name to show. Like `phase` it never changes what the call *is*.
        phase: Shows this one agent under that phase, without touching the current phase.
        profile: A role of the project, or a pool of them: instructions, and what the call leaves open of model, effort,
            tools, max_tokens and timeout.
        model: Model string, as in `anthropic:claude-sonnet-4-5`; otherwise the run's model.
        effort: How hard the model should think.
        tools: Allow-list of tool names; `[]` for none; otherwise the run's tools.
        context: Read-only shared facts, as JSON data, given to the agent before the prompt; where many agents get the
            same, a provider that keeps the beginning of requests reads it once.
        isolation: `"worktree"` gives the agent a git worktree of its own, which begins with the commit that was the
            last one when the run began.
        max_tokens: Hard ceiling on what the agent may put out over all its turns, in tokens.
        timeout: Seconds after which the agent is lost.
        retries: How often the agent is asked again after an answer that does not fit or a passing fault.
        critical: Raise `AgentFailed` instead of returning `None`.
        on_interrupt: What a resume may do with this call if it had started and has effects outside.
        spawns: How many agents there may be below it in all, where its tools are `spawn_agent` or `run_workflow`;
            without it as many as the run may start.
        budget: The fraction of what is left of the budget, above 0 and at most 1, that those may use together.

    Returns:
        The text, or data valid against `schema`; `None` when the agent failed for good. Each list in such data has
        `.full`: whether it came with as many items as its `maxItems` allows. With `isolation` that is the `result` of
        `{"branch", "patch", "files", "result"}`; where the agent has changed no file, the others are empty.

    Raises:
        OutsideRun: called where no run is going on.
        TypeError, ValueError: an argument cannot mean anything.
        AgentFailed: the agent was lost and `critical` is true (on awaiting).
    """
    return _agent(
        asked(
            prompt,
            schema=schema,
            label=label,
            phase=phase,
            profile=profile,
            model=model,
            effort=effort,
            tools=tools,
            context=context,
            isolation=isolation,
            max_tokens=max_tokens,
            timeout=timeout,
            retries=retries,
            critical=critical,
            on_interrupt=on_interrupt,
            spawns=spawns,
            budget=budget,
        )
    )


def asked(prompt: Any, **options: Any) -> AgentCall:
    """Return the call of an agent, with its arguments checked; see `agent`."""
    current("agent()")
    given = AgentCall(prompt=_prompt(prompt), **options)
    return replace(
        given,
        schema=_schema(given.schema),
        label=_name("label", given.label),
        phase=_name("phase", given.phase),
        profile=_name("profile", given.profile),
        model=_name("model", given.model),
        effort=_one_of("effort", given.effort, EFFORTS),
        tools=_tools(given.tools),
        context=as_json(given.context, "context"),
        isolation=_one_of("isolation", given.isolation, (None, "worktree")),
        max_tokens=_tokens(given.max_tokens),
        timeout=_seconds(given.timeout),
        retries=_count("retries", given.retries),
        critical=_one_of("critical", given.critical, (False, True)),
        on_interrupt=_one_of("on_interrupt", given.on_interrupt, ON_INTERRUPT),
        spawns=_count("spawns", given.spawns),
        budget=_fraction(given.budget),
    )


async def _agent(request: AgentCall) -> Any:
    value = await value_of(request)
    if request.isolation is None or not isinstance(value, dict) or "result" not in value:
        return returned(value, request.schema)
    return {**value, "result": returned(value["result"], request.schema)}


async def value_of(request: AgentCall) -> Any:
    """Await one agent and return what it answered, as it came; `None` where it was lost."""
    return (await ask_agent(request)).value


async def ask_agent(request: AgentCall) -> Reply:
    """Await one agent and return all the host says about it, not only the value.

    Raises:
        AgentFailed: the agent was lost and the request is critical.
    """
    reply: Reply = await call(request)
    if request.critical and reply.lost is not None:
        name = request.label or request.prompt[:60]
        raise agent_failed(f"critical agent {name!r} was lost ({reply.lost.cause}): {reply.lost.message}", reply.lost)
    return reply


def is_one_agent(branch: object) -> bool:
    """Tell whether to await this is to ask one agent, and nothing else."""
    return isinstance(branch, CoroutineType) and branch.cr_code in _ONE_AGENT


_ONE_AGENT = (_agent.__code__, value_of.__code__, ask_agent.__code__)


def _prompt(prompt: object) -> str:
    if not isinstance(prompt, str):
        raise TypeError(f"agent() takes the prompt as text first, got a {type(prompt).__name__}")
    if not prompt.strip():
        raise ValueError("agent() got an empty prompt")
    text: str = as_json(prompt, "prompt")
    return text


def _name(option: str, name: object) -> str | None:
    if name is not None and not isinstance(name, str):
        raise TypeError(f"agent({option}=…) takes text, got a {type(name).__name__}")
    text: str | None = as_json(name, option)
    return text


def _one_of(option: str, given: Choice, choices: tuple[Any, ...]) -> Choice:
    for choice in choices:
        if given is choice or (isinstance(given, str) and given == choice):
            return given
    there = ", ".join(repr(choice) for choice in choices if choice is not None)
    raise ValueError(f"agent({option}=…) is one of {there}, got {given!r}")


def _schema(schema: object) -> dict[str, Any] | None:
    if schema is None:
        return None
    if not isinstance(schema, dict):
        raise TypeError(f"agent(schema=…) takes a JSON Schema as a dict, got a {type(schema).__name__}")
    plain: dict[str, Any] = as_json(schema, "schema")
    return plain


def _tools(tools: object) -> tuple[str, ...] | None:
    if tools is None:
        return None
    if not isinstance(tools, (list, tuple)) or not all(isinstance(name, str) for name in tools):
        raise TypeError("agent(tools=…) takes a list of tool names")
    return tuple(tools)


def _tokens(limit: Any) -> int | None:
    if limit is None or limit == math.inf:  # what budget.remaining() gives where there is no ceiling
        return None
    if _positive("max_tokens", limit) < 1:
        raise ValueError(f"agent(max_tokens=…) is a number of tokens, so 1 or more; got {limit!r}")
    return int(limit)


def _seconds(limit: object) -> float | None:
    return None if limit is None else _positive("timeout", limit)


def _positive(name: str, limit: object) -> float:
    if isinstance(limit, bool) or not isinstance(limit, (int, float)) or not 1e-3 <= limit < math.inf:
        raise ValueError(f"agent({name}=…) must be a finite number above 0, got {limit!r}")
    return limit


def _count(name: str, count: object) -> int | None:
    if count is None:
        return None
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        raise ValueError(f"agent({name}=…) must be 0 or more, got {count!r}")
    return count


def _fraction(part: object) -> float | None:
    if part is None:
        return None
    if isinstance(part, bool) or not isinstance(part, (int, float)) or not 0 < part <= 1:
        raise ValueError(f"agent(budget=…) is a fraction of what is left, above 0 and at most 1; got {part!r}")
    return float(part)
