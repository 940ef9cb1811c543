"""Fan-out: `parallel` waits for all branches, `pipeline` lets each item run ahead, `workflow` runs a saved harness."""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any

from weft.primitives.agent import is_one_agent
from weft.primitives.calls import Branch, Ended, FanOut, LoadWorkflow, NextEnded, Note, call, current
from weft.primitives.checks import listed
from weft.primitives.data import as_json
from weft.primitives.errors import AgentFailed, WorkflowRefused, agent_failed, described, is_on_record
from weft.primitives.lost import Lost

__all__ = ["Pace", "Results", "fan_out", "parallel", "pipeline", "workflow"]


class Results(list[Any]):
    """The results of a fan-out in input order, `None` where a branch failed; `lost` has the failures."""

    lost: tuple[Lost, ...] = ()


def parallel(
    branches: Iterable[Branch],
    *,
    quorum: int | None = None,
    limit: int | None = None,
    fail_fast: bool = False,
) -> Coroutine[Any, Any, Results]:
    """Run branches at the same time and wait for them: a barrier.

    Args:
        branches: Awaitables, or callables without arguments; at most 4,096. Not a set: its order says nothing.
        quorum: Return as soon as this many branches gave a value other than `None`, and cancel the rest.
        limit: How many branches run at the same time; otherwise the run's concurrency decides.
        fail_fast: The first failure cancels the rest and raises.

    Returns:
        A list in input order, `None` where a branch failed; its `.lost` has the typed failures.

    Raises:
        TypeError, ValueError: the branches or options cannot mean anything.
        AgentFailed: a branch lost its agent under `fail_fast` (on awaiting); a branch's own error is raised as it is.
    """
    gate = current("parallel()")
    jobs = listed("parallel", "branches", branches)
    _check_branches(jobs)
    needed = _whole("parallel(quorum=…)", quorum)
    if needed is not None and 0 < len(jobs) < needed:
        raise ValueError(f"parallel(quorum={quorum}) can never be reached with {len(jobs)} branches")
    most = _whole("parallel(limit=…)", limit)
    starts = [_call_branch(job) if callable(job) else _await_branch(job) for job in jobs]
    agents = sum(map(is_one_agent, jobs))
    what = FanOut(kind="parallel", line=gate.line(), width=len(jobs), agents=agents, quorum=quorum)
    return fan_out(starts, what, Pace(most, quorum), fail_fast=fail_fast)


def pipeline(
    items: Iterable[Any], *stages: Callable[..., Any], limit: int | None = None
) -> Coroutine[Any, Any, Results]:
    """Run each item through all stages on its own: no barrier, a fast item never waits for a slow one.

    Args:
        items: At most 4,096. Not a set: its order says nothing.
        stages: Called with `(value)`, `(value, item)` or `(value, item, index)`, by how many positional arguments
            a stage requires; async or plain. The first stage's value is the item. A stage that fails or returns
            `None` drops its item: later stages are skipped.
        limit: How many items are under way at the same time; otherwise the run's concurrency decides.

    Returns:
        A list in input order, `None` where an item was dropped; its `.lost` has the typed failures.

    Raises:
        TypeError, ValueError: the items, stages or options cannot mean anything.
    """
    gate = current("pipeline()")
    todo = listed("pipeline", "items", items)
    steps = [_stage(number, stage) for number, stage in enumerate(stages)]
    if not steps:
        raise TypeError("pipeline() needs at least one stage: pipeline(items, stage, …)")
    most = _whole("pipeline(limit=…)", limit)
    starts = [_run_stages(steps, item, index) for index, item in enumerate(todo)]
    return fan_out(starts, FanOut(kind="pipeline", line=gate.line(), width=len(todo)), Pace(most))


async def workflow(name: str, args: Any = None, *, budget: float | None = None) -> Any:
    """Run a saved harness as one step: same budget, backstop and journal, at most 3 deep, no cycles.

    Args:
        name: What the harness was saved as.
        args: Its arguments, checked against its `ARGS`.
        budget: The fraction of what is left, above 0 and at most 1, that it and all it starts may use. It is drawn
            from the same budget, not set aside. Agents beyond it are lost; inside, `budget` shows this part.

    Returns:
        What its `main` returns.

    Raises:
        TypeError, ValueError: `budget` is no such fraction.
        WorkflowRefused: unknown name, a cycle, too deep, arguments that do not fit its `ARGS`, or a value that does
            not fit its `RESULT`.
        NotJson: its `main` returned something that is not JSON data.
    """
    gate = current("workflow()")
    reply = await call(LoadWorkflow(name, as_json(args, "args"), _fraction(budget)))
    if reply.lost is not None:
        raise WorkflowRefused(reply.lost.message)
    return await gate.run_workflow(name, reply.value["source"], reply.value["args"], reply.slice)


class Pace:
    """When a fan-out lets another branch begin, and when it has enough; `verify` has a pace of its own."""

    def __init__(self, limit: int | None = None, quorum: int | None = None) -> None:
        self._limit = limit
        self._quorum = quorum
        self._succeeded = 0

    def begins(self, running: int) -> bool:
        """Whether another branch may begin while so many run."""
        return self._limit is None or running < self._limit

    def enough(self, value: Any) -> bool:
        """Take in what one more branch has come to; tell whether the others are no longer needed."""
        self._succeeded += value is not None
        return self._quorum is not None and self._succeeded >= self._quorum


async def fan_out(
    starts: list[Coroutine[Any, Any, Any]], what: FanOut, pace: Pace, *, fail_fast: bool = False
) -> Results:
    """Run branches at a pace, and cancel those that are not needed any more; the mechanism of all fan-outs.

    Raises:
        AgentFailed: a branch lost its agent under `fail_fast`; a branch's own error is raised as it is.
    """
    group = current().open_group(what)
    waiting = deque(enumerate(starts))
    results = Results([None] * len(starts))
    lost: dict[int, Lost] = {}
    try:
        while waiting or group.running:
            while waiting and pace.begins(group.running):
                group.start(*waiting.popleft())
            ended: Ended = await call(NextEnded(group))
            results[ended.index] = ended.value
            failure = _failure(ended)
            if failure is not None:
                lost[ended.index] = failure
            if fail_fast and failure is not None:
                group.close()
                raise ended.error or agent_failed(failure.message, failure)
            if pace.enough(ended.value):
                break
        group.close()
    finally:
        for _, never_started in waiting:
            never_started.close()
    results.lost = tuple(lost[index] for index in sorted(lost))
    return results


def _failure(ended: Ended) -> Lost | None:
    """Tell whether a branch failed, and report an error of the script itself to the host: nothing vanishes."""
    if isinstance(ended.error, AgentFailed) and is_on_record(ended.error):
        return _at(ended.index, ended.error.lost)
    if ended.error is not None:
        message = described(ended.error)
        current().tell(Note("raised", {"index": ended.index, "message": message, "error": ended.error}))
        return Lost(cause="raised", message=message, index=ended.index)
    if ended.value is None and ended.lost is not None:
        return _at(ended.index, ended.lost)
    return None


def _at(index: int, lost: Lost) -> Lost:
    return Lost(
        cause=lost.cause,
        message=lost.message,
        index=index,
        attempts=lost.attempts,
        spent=lost.spent,
        partial=lost.partial,
    )


async def _await_branch(branch: Awaitable[Any]) -> Any:
    return await branch


async def _call_branch(branch: Callable[[], Any]) -> Any:
    return await _settled(branch())


async def _run_stages(stages: list[tuple[int, Callable[..., Any]]], item: Any, index: int) -> Any:
    value = item
    for number, (wants, stage) in enumerate(stages):
        current().enter_stage(number)
        value = await _settled(stage(*(value, item, index)[:wants]))
        if value is None:
            return None
    return value


async def _settled(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value


def _check_branches(branches: list[Any]) -> None:
    first_seen: dict[int, int] = {}
    for index, branch in enumerate(branches):
        if not callable(branch) and not inspect.isawaitable(branch):
            raise TypeError(
                f"branch {index} of parallel() is a {type(branch).__name__}, not something to await. "
                "An `await` inside the list would do that: remove it"
            )
        if inspect.isawaitable(branch) and (first := first_seen.setdefault(id(branch), index)) != index:
            raise TypeError(f"branch {index} of parallel() is the same call as branch {first}: write one call for each")


def _whole(option: str, number: int | None) -> int | None:
    if number is not None and (isinstance(number, bool) or not isinstance(number, int) or number < 1):
        raise ValueError(f"{option} must be 1 or more and whole, got {number!r}")
    return number


def _fraction(budget: Any) -> float | None:
    if budget is None:
        return None
    if isinstance(budget, bool) or not isinstance(budget, (int, float)):
        raise TypeError(f"workflow(budget=…) must be a number, got a {type(budget).__name__}")
    if not 0 < budget <= 1:
        raise ValueError(f"workflow(budget=…) is a fraction of what is left, above 0 and at most 1, got {budget!r}")
    return float(budget)


def _stage(number: int, stage: Any) -> tuple[int, Callable[..., Any]]:
    """Return how many of (value, item, index) a stage wants, and the stage."""
    if not callable(stage):
        raise TypeError(
            f"stage {number + 1} of pipeline() is a {type(stage).__name__}, not a function. "
            "Pass the function itself, without calling it"
        )
    wants = _required(stage)
    if not 1 <= wants <= 3:
        raise TypeError(
            f"stage {number + 1} of pipeline() requires {wants} arguments; it is called with value, item, index"
        )
    return wants, stage


def _required(stage: Callable[..., Any]) -> int:
    """Count required positional arguments; ones with a default keep it, since `x=x` is how loops bind a value."""
    try:
        parameters = inspect.signature(stage).parameters.values()
    except (TypeError, ValueError):  # some built-ins have no signature
        return 1
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return 3
    required = sum(p.default is p.empty for p in positional)
    return required or min(len(positional), 1)
