"""One agent call from first attempt to answer or loss: validate, ask again with the reason, wait, give up.

Who answers an attempt is the business of an `Agents`; when a call may start is the business of `scheduler`.
"""

from __future__ import annotations

import json
import re
import traceback
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from weft.primitives.data import as_json
from weft.primitives.errors import NotJson
from weft.primitives.lost import Lost
from weft.runtime.agents.border import clean
from weft.runtime.agents.request import AgentError, AgentReply, AgentRequest, Agents
from weft.runtime.agents.retry import trying
from weft.runtime.budget import Budget
from weft.runtime.clock import Clock

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

__all__ = ["UNUSABLE", "Answer", "answer", "misfit", "schema_problem"]

UNUSABLE = "the schema cannot be used"
"""How a complaint begins where no answer could ever fit."""

MAX_ANSWER_CHARACTERS = 1_000_000
"""What one answer may hold as JSON; a larger one is a fault of that agent alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How one agent call ended: with a value, or lost."""

    value: Any = None
    lost: Lost | None = None
    attempts: int = 1
    touched: tuple[str, ...] = ()
    transcript: tuple[dict[str, Any], ...] = ()
    answered_by: str | None = None
    """The model that answered, where it was another one than asked for."""


async def answer(request: AgentRequest, agents: Agents, budget: Budget, clock: Clock) -> Answer:
    """Get an answer that fits, or the reason why there is none. Never raises for the failure of an agent.

    Raises:
        Pause: the agent needs more than the run may spend, and that is to end it; or its provider is out of reach.
    """

    async def once(attempt: int, failed: AgentError | None) -> AgentReply:
        refusal = budget.refusal(request.id)
        if refusal is not None:
            raise refusal
        complaint = failed.message if failed is not None and failed.cause == "invalid" else None
        budget.count_attempt(request.id)
        asked = request if attempt == 1 else replace(request, attempt=attempt, complaint=complaint)
        return await _attempt(asked, agents, budget)

    try:
        problem = None if request.schema is None else schema_problem(request.schema)
        if problem is not None:
            raise AgentError("invalid", f"{UNUSABLE}: {problem}")
        reply = await trying(request, clock, once)
    except AgentError as failure:
        return Answer(lost=_lost(failure, request, budget), attempts=budget.attempts(request.id))
    return Answer(
        value=reply.value,
        attempts=budget.attempts(request.id),
        touched=reply.touched,
        transcript=reply.transcript,
        answered_by=reply.answered_by,
    )


def _lost(failure: AgentError, request: AgentRequest, budget: Budget) -> Lost:
    return Lost(
        cause=failure.cause,
        message=failure.message,
        attempts=budget.attempts(request.id),
        spent=budget.account(request.id),
        partial=failure.partial,
    )


async def _attempt(request: AgentRequest, agents: Agents, budget: Budget) -> AgentReply:
    try:
        reply = await agents(request)
        if not isinstance(reply, AgentReply):
            raise TypeError(f"it answered with a {type(reply).__name__} where an AgentReply belongs")
        budget.charge(request.id, reply.spent)
        reply = _recordable(reply)
    except AgentError:
        raise
    except Exception as error:
        # Somebody else's agent code: its failure is the loss of one agent, not the end of the run.
        said = traceback.format_exception_only(error)[-1].strip()
        raise AgentError("crashed", said) from error
    problem = misfit(reply.value, request.schema)
    if problem is not None:
        raise AgentError("invalid", problem, passing=True, partial=str(reply.value)[:2000])
    return reply


def _recordable(reply: AgentReply) -> AgentReply:
    """Return a reply that can be written to the journal: without secrets, and JSON data where it must be."""
    value, touched, transcript = clean([reply.value, [*reply.touched], [*reply.transcript]])
    if not all(isinstance(source, str) for source in touched):
        raise TypeError("AgentReply.touched must be a tuple of texts")
    return replace(reply, value=value, touched=tuple(touched), transcript=tuple(as_json(transcript, "transcript")))


def misfit(value: Any, schema: dict[str, Any] | None) -> str | None:
    """Return what is wrong with an answer, in words that an agent can act on, or `None`."""
    try:
        plain = as_json(value, "answer")
    except NotJson as error:
        return error.what
    if len(str(plain)) > MAX_ANSWER_CHARACTERS:
        return f"the answer has more than {MAX_ANSWER_CHARACTERS:,} characters"
    if schema is None:
        return None if isinstance(plain, str) and plain.strip() else "the answer must be text, and not empty"
    from jsonschema.exceptions import best_match
    from referencing.exceptions import Unresolvable

    try:
        worst = best_match(_validator(_canonical(schema)).iter_errors(plain))
    except (
        Unresolvable,
        re.error,
        RecursionError,
    ) as unusable:  # the schema is the harness's, so anything may be in it
        return f"{UNUSABLE}: {type(unusable).__name__}: {unusable}"
    return None if worst is None else f"at {worst.json_path}: {worst.message[:500]}"


def schema_problem(schema: dict[str, Any]) -> str | None:
    """Return why a schema is not a JSON Schema, or `None`."""
    return _schema_problem(_canonical(schema))


def _canonical(schema: dict[str, Any]) -> str:
    return json.dumps(schema, sort_keys=True)


@lru_cache(maxsize=256)
def _schema_problem(schema: str) -> str | None:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        Draft202012Validator.check_schema(json.loads(schema))
    except SchemaError as error:
        return f"at {error.json_path}: {error.message[:300]}"
    return None


@lru_cache(maxsize=256)
def _validator(schema: str) -> Validator:
    from jsonschema import Draft202012Validator
    from referencing import Registry

    # An empty registry: the default one would fetch references from the network.
    return Draft202012Validator(json.loads(schema), registry=Registry())
