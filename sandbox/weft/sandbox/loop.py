"""The deterministic loop that drives a harness in the child: first in, first out, numbered calls, no clock.

What a harness does here is a function of its source, its arguments and the ordered results it is given. How messages
travel is `child`'s business, what names a harness sees is `world`'s.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Coroutine, Generator, Iterable, Sequence
from typing import Any, NoReturn

from weft.primitives.calls import (
    AgentCall,
    Allowance,
    Ended,
    FanOut,
    Heard,
    HostCall,
    LoadWorkflow,
    NextEnded,
    Note,
    Reply,
    Slice,
    call,
)
from weft.primitives.data import as_json
from weft.primitives.errors import WorkflowRefused, described
from weft.sandbox.errors import Deadlock, PolicyError, TooLarge
from weft.sandbox.lines import Lines
from weft.sandbox.protocol import (
    CallAgent,
    CallHost,
    CallWorkflow,
    Cancel,
    ChildMessage,
    Failed,
    FanOutBegan,
    FanOutEnded,
    Idle,
    Limits,
    Result,
    Say,
    Start,
    encode,
)
from weft.sandbox.tally import Tally
from weft.sandbox.tasks import BranchGroup, Task, Throw

__all__ = ["Loop"]

Compile = Callable[[str, str, Any], Callable[[Any], Coroutine[Any, Any, Any]]]
"""Turns (source, filename, args) into the `main` of a harness, in a world of its own."""


MOST_CLOSINGS = 100
"""How often a branch is told to end; each `finally` that awaits takes one. What is left then never runs again."""


class Loop:
    """Drives one harness; implements `weft.primitives.calls.Gate`."""

    def __init__(
        self,
        start: Start,
        limits: Limits,
        *,
        compile_harness: Compile,
        send: Callable[[ChildMessage], None],
        stop: Callable[[Failed], NoReturn],
    ) -> None:
        """Prepare to drive.

        Args:
            start: What the host wants executed.
            limits: What the harness may use.
            compile_harness: Turns a source into its `main`.
            send: Sends a message to the host.
            stop: Sends a last message and ends the process, past everything the harness could catch.
        """
        self.args = start.args
        self.now = start.now
        self.tools: Sequence[str] = start.tools
        self._allowance = start.allowance
        self._limits = limits
        self._compile = compile_harness
        self._send = send
        self._stop = stop
        self._ready: deque[tuple[Task, Any]] = deque()
        self._waiting: dict[int, Task] = {}
        self._tally = Tally(limits)
        self.lines = Lines(start.filename)
        self._current: Task | None = None
        self.returned_at: int | None = None
        """The line at which `main` returned, once it has."""

    # ------------------------------------------------------------------------------------------ driving

    def run(self, main: Coroutine[Any, Any, Any]) -> Generator[None, Iterable[Result], Any]:
        """Drive `main` to its end and return its value. Yields when nothing can go on without a result.

        Each is taken from what is sent once those before it have had their effect. Closing it ends what still runs.

        Raises:
            Deadlock: nothing can go on, and no call is waiting for the host.
            Exception: whatever the harness raised.
        """
        root = Task(main, path="", chain=())
        outcome: list[Ended] = []
        self.resume(root, None)
        self._settle(root, outcome)
        while not outcome:
            if not self._waiting:
                raise self._deadlock(root)
            self._send(Idle())
            try:
                results = yield
            except GeneratorExit:
                self.cancel(root)
                raise
            for result in results:
                self._deliver(result)
                self._settle(root, outcome)
        self._cancel_branches(root)
        if outcome[0].error is not None:
            raise outcome[0].error
        return outcome[0].value

    def resume(self, task: Task, value: Any) -> None:
        """Give a task its turn after those that are already waiting for theirs."""
        self._ready.append((task, value))

    def _settle(self, root: Task, outcome: list[Ended]) -> None:
        while self._ready and not outcome:
            task, value = self._ready.popleft()
            if task.dead:
                continue
            ended = self._step(task, value)
            if ended is None:
                continue
            if task is root:
                outcome.append(ended)
            else:
                self._end_branch(task, ended)

    def _step(self, task: Task, value: Any) -> Ended | None:
        self._current = task
        while True:
            try:
                request = self._advance(task, value)
            except StopIteration as stop:
                return Ended(task.index, value=stop.value, lost=task.lost)
            except Exception as error:  # noqa: BLE001 - it belongs to the harness and is reported where it is awaited
                return Ended(task.index, error=error, lost=task.lost)
            try:
                self._park(task, request)
            except TooLarge as error:
                value = Throw(error)
            else:
                return None

    def _advance(self, task: Task, value: Any) -> object:
        if isinstance(value, Throw):
            return task.coroutine.throw(value.error)
        if task.group is not None:
            return task.coroutine.send(value)
        frame = getattr(task.coroutine, "cr_frame", None)
        try:
            return task.coroutine.send(value)
        except StopIteration:
            self.returned_at = frame and frame.f_lineno
            raise

    def _park(self, task: Task, request: object) -> None:
        if isinstance(request, NextEnded):
            self._wait_for_branch(task, request)
        elif isinstance(request, (AgentCall, HostCall, LoadWorkflow)):
            self._call_host(task, request)
        else:
            raise Deadlock(f"a {type(request).__name__} is awaited, which nothing here can answer", self.line_of(task))

    def _call_host(self, task: Task, request: AgentCall | HostCall | LoadWorkflow) -> None:
        number, path, line = self._tally.calls, task.call_path, self.line_of(task)
        self._check(self._tally.another_call(), line)
        slice_ = task.slices[-1].number if task.slices else None
        if isinstance(request, AgentCall):
            self._send(CallAgent(id=number, path=path, line=line, agent=request, slice=slice_))
        elif isinstance(request, HostCall):
            self._send(CallHost(id=number, path=path, line=line, call=request, slice=slice_))
        else:
            self._send(
                CallWorkflow(
                    id=number,
                    path=path,
                    line=line,
                    name=request.name,
                    args=request.args,
                    chain=task.chain,
                    budget=request.budget,
                    slice=slice_,
                    returning=request.returning,
                )
            )
        self._tally.calls += 1
        self._waiting[number] = task
        task.call, task.asks = number, isinstance(request, AgentCall)

    def _wait_for_branch(self, task: Task, request: NextEnded) -> None:
        group = request.group
        assert isinstance(group, BranchGroup)
        if group.ended:
            self.resume(task, group.collect())
        elif group.members:
            group.waiter = task
        else:
            raise Deadlock("the next branch of a fan-out is awaited, and none is running", self.line_of(task))

    def _end_branch(self, task: Task, ended: Ended) -> None:
        group = task.group
        assert group is not None
        self._cancel_branches(task)
        del group.members[task.index]
        group.ended.append(ended)
        if group.waiter is not None:
            waiter, group.waiter = group.waiter, None
            self.resume(waiter, group.collect())

    def _deliver(self, result: Result) -> None:
        self._allowance = result.allowance
        task = self._waiting.pop(result.id, None)
        if task is None:  # cancelled while its result was on the way
            return
        task.call = None
        task.lost = result.lost or task.lost
        if task.asks:
            task.count(lost=result.lost is not None)
        slice_ = self._update_slices(task, result) if result.slices else None
        self.resume(task, Reply(value=result.value, lost=result.lost, touched=result.touched, slice=slice_))

    def _update_slices(self, task: Task, result: Result) -> Slice | None:
        """Take in how the slices stand that a task is in; return the one that its call opens."""
        for held, allowance in zip(task.slices, result.slices, strict=False):
            held.allowance = allowance
        opened = result.slices[len(task.slices) :]
        return Slice(result.id, opened[0]) if opened else None

    def _deadlock(self, root: Task) -> Deadlock:
        """Say what everybody waits for when no call is open: the tasks below `root` that none of the others wakes."""
        stuck = [root]
        for task in stuck:
            stuck.extend(branch for group in task.groups for branch in group.members.values())
        lines = sorted({line for task in stuck if (line := self.line_of(task)) is not None})
        where = ", ".join(f"line {line}" for line in lines[:10]) or "the harness"
        return Deadlock(
            f"{where} waits for a branch that can never end: no agent is at work and nothing else can go on",
            lines[-1] if lines else None,
        )

    # ------------------------------------------------------------------------------------------ cancelling

    def cancel(self, task: Task) -> None:
        """End a task and all it started, innermost first, each in the order of its start; agents end at the host.

        Its `finally` blocks run now. They cannot await: nobody would be there to wait for the answer.
        """
        task.dead = True
        self._cancel_branches(task)
        if task.call is not None:
            del self._waiting[task.call]
            self._send(Cancel(id=task.call))
        before, self._current = self._current, task
        errors = self._close(task.coroutine)
        for error in errors[:1]:
            self.tell(Note("raised", {"index": task.index, "message": _said(error), "error": error}))
        self._current = before
        self._cancel_branches(task)  # also what the `finally` blocks have begun

    def _close(self, coroutine: Coroutine[Any, Any, Any]) -> list[Exception]:
        errors: list[Exception] = []
        while len(errors) < MOST_CLOSINGS:
            try:
                coroutine.close()
                break
            except Exception as error:  # noqa: BLE001 - the harness's own `finally` failed; the branch is over either way
                errors.append(error)
        return errors

    def _cancel_branches(self, task: Task) -> None:
        groups, task.groups = task.groups, []
        for group in groups:
            group.close()

    # ------------------------------------------------------------------------------------------ what primitives use

    @property
    def allowance(self) -> Allowance:
        """The budget as the current task may use it."""
        slices = self._current.slices if self._current is not None else ()
        return slices[-1].allowance if slices else self._allowance

    @property
    def heard(self) -> Heard:
        """What has come of the agents of the current task, and of those below it."""
        return Heard() if self._current is None else self._current.heard

    def tell(self, note: Note) -> None:
        """Pass a note on to the host."""
        line = self.lines.of_frame(sys._getframe())
        self._check(self._tally.note(note.kind), line)
        path = self._current.call_path if self._current else ""
        data = note.data
        if note.kind == "raised":
            error = data.pop("error", None)
            line = (self.lines.of_error(error) if error is not None else None) or line
        said = Say(kind=note.kind, path=path, line=line, data=as_json(data))
        size = len(encode(said))
        if size <= self._limits.frame_bytes:  # else it cannot be sent, which is said of it
            self._check(self._tally.note_bytes(size), line)
        self._send(said)

    def _check(self, too_much: str | None, line: int | None) -> None:
        """End the harness where it has said or begun more than it may."""
        if too_much is not None:
            self._stop(Failed(kind="limit", message=too_much, line=line))

    def open_group(self, fan_out: FanOut | None = None) -> BranchGroup:
        """Begin a fan-out on the current task, and tell the host if it has a description and any branch."""
        task = self._current
        assert task is not None
        path = f"{task.call_path}/{task.fanouts}"
        self._check(self._tally.depth(path), self.line_of(task))
        if fan_out is not None and fan_out.width:
            self._begin_fan_out(path, fan_out, task.chain)
        group = BranchGroup(self, task, path, fan_out)
        task.fanouts += 1
        task.groups = [*(open_ for open_ in task.groups if open_.members), group]
        return group

    def _begin_fan_out(self, path: str, fan_out: FanOut, chain: tuple[str, ...]) -> None:
        self._check(self._tally.fan_out(fan_out.width), fan_out.line)
        self._send(
            FanOutBegan(
                path=path,
                line=fan_out.line,
                kind=fan_out.kind,
                width=fan_out.width,
                agents=fan_out.agents,
                quorum=fan_out.quorum,
                chain=chain,
            )
        )

    def end_fan_out(self, ended: FanOutEnded) -> None:
        """Tell the host what became of the branches of a fan-out."""
        self._send(ended)

    def enter_stage(self, number: int) -> None:
        """Mark the stage the current task is in; fan-outs are counted anew in each."""
        assert self._current is not None
        self._current.stage = number
        self._current.fanouts = 0

    async def run_workflow(self, name: str, source: str, args: Any, slice_: Slice | None) -> Any:
        """Compile a saved harness, run it as a branch of its own, and have what it returns checked."""
        task = self._current
        assert task is not None
        around = task.slices
        task.slices = around if slice_ is None else (*around, slice_)
        try:
            return await self._workflow(task, name, source, args)
        finally:
            task.slices = around

    async def _workflow(self, task: Task, name: str, source: str, args: Any) -> Any:
        filename = f"workflow {name}"
        self.lines.add(filename)
        try:
            main = self._compile(source, filename, args)
        except (PolicyError, SyntaxError) as error:
            line = error.line if isinstance(error, PolicyError) else error.lineno
            raise WorkflowRefused(f"saved harness {name!r} cannot be executed: line {line}: {error}") from error
        group = self.open_group()
        group.start(0, main(args), chain=(*task.chain, name))
        ended: Ended = await call(NextEnded(group))
        if ended.error is not None:
            raise ended.error
        value = as_json(ended.value, f"workflow({name!r})")
        if getattr(main, "__globals__", {}).get("RESULT") is not None:
            checked: Reply = await call(LoadWorkflow(name, value, returning=True))
            if checked.lost is not None:
                raise WorkflowRefused(checked.lost.message)
        return value

    # ------------------------------------------------------------------------------------------ where it happened

    def line(self) -> int | None:
        """Return the line of the harness that is being executed, or the one that waits for what is."""
        task = self._current
        line = self.lines.of_frame(sys._getframe())
        return line if line is not None or task is None else self.line_of(task.parent)

    def line_of(self, task: Task | None) -> int | None:
        """Return the line of the harness at which a task waits, or the nearest one around it."""
        while task is not None:
            line = self.lines.of_waiting(task.coroutine)
            if line is not None:
                return line
            task = task.parent
        return None


def _said(error: Exception) -> str:
    said = described(error)
    if type(error) is RuntimeError and "ignored GeneratorExit" in said:
        return "a branch that is being stopped cannot await anything, also not in `finally` or `with`"
    return said
