"""One agent call from first attempt to answer or loss: validate, ask again with the reason, wait, give up.

Who answers an attempt is the business of an `Agents`; when a call may start is the business of `scheduler`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from weft.primitives.data import as_json
from weft.primitives.errors import described
from weft.primitives.lost import Lost
from weft.runtime.agents.retry import trying
from weft.runtime.border import clean
from weft.runtime.change import Change, Kept
from weft.runtime.clock import Clock
from weft.runtime.money.budget import Budget
from weft.runtime.pause import Pause
from weft.runtime.request import AgentError, AgentReply, AgentRequest, Agents
from weft.runtime.schemas.fitting import misfit, schema_fault
from weft.runtime.schemas.validating import UnusableSchema
from weft.runtime.understood import Understood
from weft.runtime.working import SoFar, keeping, told_to_end

__all__ = ["Answer", "answer", "with_so_far"]

MOST_KEPT = 1_000_000
"""Characters of one agent's conversation that are kept."""

MOST_EXCERPT = 2000
"""Characters of an answer that does not fit that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How one agent call ended: with a value, or lost."""

    value: Any = None
    lost: Lost | None = None
    attempts: int = 1
    touched: tuple[str, ...] | None = None
    transcript: tuple[dict[str, Any], ...] = ()
    answered_by: str | None = None
    """The model that answered, where it was another one than asked for."""
    understood: Understood | None = None
    """How much it made something of, where it says so."""
    change: Change | None = None
    """What it has changed, where it had a working tree of its own; once the answer is known to fit, `value` has it."""

    @property
    def kept(self) -> Kept | None:
        """Where that is kept."""
        return None if self.change is None else self.change.kept

    def delivered(self) -> Answer:
        """Return it with what the harness gets as its value."""
        return self if self.change is None else replace(self, value=self.change.around(self.value))


async def answer(request: AgentRequest, agents: Agents, budget: Budget, clock: Clock) -> Answer:
    """Get an answer that fits, or the reason why there is none. Never raises for the failure of an agent.

    Raises:
        Pause: the agent needs more than the run may spend, and that is to end it; or its provider is out of reach.
    """

    async def once(attempt: int, failed: AgentError | None) -> Answer:
        refusal = budget.refusal(request.id)
        if refusal is not None:
            raise refusal
        complaint = failed.message if failed is not None and failed.cause == "invalid" else None
        budget.count_attempt(request.id)
        asked = request if attempt == 1 else replace(request, attempt=attempt, complaint=complaint)
        try:
            answered = _recordable(await agents(asked), asked, budget)
            keeping(lambda: SoFar(answered.transcript, answered.touched))
        except BaseException as error:
            if _is_ours(error, task):
                raise
            failure = _paid(_failure(error), request, budget)
            raise failure from (error.__cause__ if failure.cause != "crashed" else error)
        try:
            problem = await misfit(answered.value, request.schema)
        except UnusableSchema as unusable:
            raise AgentError("invalid", str(unusable), partial=_excerpt(answered.value)) from None
        if problem is not None:
            raise AgentError("invalid", problem, passing=True, partial=_excerpt(answered.value))
        return answered.delivered()

    task = asyncio.current_task()
    try:
        fault = None if request.schema is None else await schema_fault(request.schema)
        if fault is not None:
            raise AgentError("invalid", f"no answer can fit the schema that it was given: {fault}")
        return await trying(request, clock, once)
    except AgentError as failure:
        return Answer(lost=_lost(failure, request, budget), attempts=budget.attempts(request.id))


def with_so_far(answered: Answer, so_far: Callable[[], SoFar]) -> Answer:
    """Return how an agent ended; of one that was lost, with what it had said and touched by then."""
    if answered.lost is None:
        return answered
    try:
        said = so_far()
        transcript, touched = _conversation(said.transcript, said.touched)
    except Exception as error:  # noqa: BLE001 - it is the code of whoever answers, and the loss stands without it
        transcript, touched = ({"part": "cut", "content": f"what was said cannot be shown: {described(error)}"},), None
    return replace(answered, transcript=transcript, touched=touched)


def _conversation(
    transcript: tuple[dict[str, Any], ...], touched: tuple[str, ...] | None
) -> tuple[tuple[dict[str, Any], ...], tuple[str, ...] | None]:
    """Return what was said and touched as it can be kept: without secrets, as JSON data, and not too much of it.

    Raises:
        Exception: it is nothing of the kind.
    """
    said, places = clean([[*transcript], [*(touched or ())]])
    if not all(isinstance(source, str) for source in places):
        raise TypeError("AgentReply.touched must be a tuple of texts")
    return _bounded(as_json(said, "transcript")), None if touched is None else tuple(places)


def _is_ours(error: BaseException, task: asyncio.Task[Any] | None) -> bool:
    """Tell whether it is the run that ends here, and not what somebody else's agent code has raised.

    Whatever that is, it is the loss of one agent, not the end of the run.
    """
    if isinstance(error, GeneratorExit):  # raised in here where nobody executes this any more
        return asyncio.current_task() is not task
    return isinstance(error, Pause) or (isinstance(error, asyncio.CancelledError | KeyboardInterrupt) and told_to_end())


def _failure(error: BaseException) -> AgentError:
    """Return what somebody else's code has raised as a failure, of which each part is what it should be."""
    try:
        if isinstance(error, AgentError):
            wait = None if error.wait is None else float(error.wait)
            return AgentError(
                error.cause,
                error.message,
                passing=error.passing is True,
                wait=wait,
                partial=error.partial,
                spent=error.spent,
            )
        return AgentError("crashed", described(error))
    except BaseException:  # noqa: BLE001 - its text or its parts are code that fails too
        return AgentError("crashed", f"{type(error).__name__} (its text cannot be shown)")


def _paid(failure: AgentError, request: AgentRequest, budget: Budget) -> AgentError:
    """Count what a failed attempt has cost, and return the failure."""
    try:
        budget.charge(request.id, failure.spent)
    except (ValueError, TypeError, AttributeError) as error:
        return AgentError("crashed", described(error))
    return failure


def _excerpt(value: Any) -> str:
    """Return the beginning of what an agent answered where it does not fit, and then may be anything."""
    try:
        return str(value)[:MOST_EXCERPT]
    except BaseException:  # noqa: BLE001 - its text is code that fails too, and a large number has none
        return f"(a {type(value).__name__} whose text cannot be shown)"


def _lost(failure: AgentError, request: AgentRequest, budget: Budget) -> Lost:
    return Lost(
        cause=failure.cause,
        message=failure.message,
        attempts=budget.attempts(request.id),
        spent=budget.account(request.id),
        partial=failure.partial,
    )


def _recordable(reply: AgentReply, request: AgentRequest, budget: Budget) -> Answer:
    """Pay for a reply, and return it as it can be written to the journal: without secrets, JSON data where it must be.

    Raises:
        Exception: it is no reply at all.
    """
    if not isinstance(reply, AgentReply):
        raise TypeError(f"it answered with a {type(reply).__name__} where an AgentReply belongs")
    if not isinstance(reply.answered_by, str | None):
        raise TypeError("AgentReply.answered_by must be the name of a model, or None")
    answered_by = clean(reply.answered_by)
    if answered_by is not None:
        budget.asks(request.id, answered_by)
    budget.charge(request.id, reply.spent)
    transcript, touched = _conversation(reply.transcript, reply.touched)
    if not isinstance(reply.understood, Understood | None):
        raise TypeError("AgentReply.understood must be an Understood, or None")
    if not isinstance(reply.change, Change | None):
        raise TypeError("AgentReply.change must be a Change, or None")
    return Answer(
        value=clean(reply.value),
        attempts=budget.attempts(request.id),
        touched=touched,
        transcript=transcript,
        answered_by=answered_by,
        understood=_told(reply.understood),
        change=None if request.isolation is None else _cleaned(reply.change or Change()),
    )


def _cleaned(change: Change) -> Change:
    return replace(change, patch=clean(change.patch), files=tuple(clean([*change.files])))


def _told(understood: Understood | None) -> Understood | None:
    if understood is None:
        return None
    return replace(understood, what=clean(understood.what), hint=clean(understood.hint)).brief()


def _bounded(transcript: list[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Return the parts of a conversation from the first on as long as they can be kept; and how many cannot."""
    left = MOST_KEPT
    for number, entry in enumerate(transcript):
        left -= len(json.dumps(entry, ensure_ascii=False))
        if left < 0:
            cut = {"part": "cut", "content": f"{len(transcript) - number:,} more parts are too long to be kept"}
            return (*transcript[:number], cut)
    return tuple(transcript)
