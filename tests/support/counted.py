"""Runs a harness on the real primitives with made-up agents, and counts how many agents it starts."""

from __future__ import annotations

import contextlib
import gc
import random
import signal
import warnings
from collections import deque
from collections.abc import Awaitable, Coroutine, Mapping
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Literal

import weft.primitives as primitives
from weft.primitives.calls import (
    AgentCall,
    Allowance,
    Ended,
    FanOut,
    Heard,
    LoadWorkflow,
    NextEnded,
    Note,
    Reply,
    Slice,
    install,
)
from weft.primitives.errors import AgentFailed
from weft.primitives.lost import Lost

MOST_AGENTS = 5000
"""A run that starts more is stopped: it has shown enough."""

Size = Literal["most", "least", "any"]


@dataclass(frozen=True)
class Answers:
    """How the agents of a run answer."""

    size: Size = "most"
    """How long lists and how large numbers are."""
    truth: bool | None = None
    """What each truth value is; any without it."""
    loss: float = 0.0
    """How many of all agents are lost."""
    alike: bool = False
    """Texts are often the same."""
    shuffled: bool = False
    """Who is asked first need not answer first."""


WIDEST = Answers(truth=False)
ANY = Answers("any", loss=0.15, alike=True)


@dataclass
class Run:
    """What has come of a run."""

    started: int = 0
    lost: int = 0
    ended: bool = False
    """Whether it came to its end, and not to an error or out of its time."""


class _Enough(BaseException):
    """The run has gone on long enough; no harness catches this."""


@dataclass(eq=False)
class _Task:
    coroutine: Coroutine[Any, Any, Any]
    group: Branches | None = None
    index: int = 0
    lost: Lost | None = None
    over: bool = False
    groups: list[Branches] = field(default_factory=list)


class Branches:
    """The branches of one fan-out."""

    def __init__(self, gate: Agents) -> None:
        self.running = 0
        self.ended: deque[Ended] = deque()
        self.waiting: _Task | None = None
        self._gate = gate
        self._tasks: list[_Task] = []

    def start(self, index: int, branch: Awaitable[Any]) -> None:
        self.running += 1
        self._tasks.append(self._gate.begin(branch, self, index))

    def close(self) -> None:
        self.running = 0
        for task in self._tasks:
            if not task.over:
                task.over = True
                for group in task.groups:
                    group.close()
                with contextlib.suppress(Exception):
                    task.coroutine.close()


class Agents:
    """Runs the tasks of a harness in turn, and answers every call."""

    now = "2025-01-01T00:00:00+00:00"

    def __init__(self, args: Any, answers: Answers, luck: random.Random, saved: Mapping[str, str]) -> None:
        self.args = args
        self.allowance = Allowance()
        self.heard = Heard()
        self.run = Run()
        self._answers, self._luck, self._saved = answers, luck, saved
        self._ready: deque[tuple[_Task, Any]] = deque()
        self._asked: list[tuple[_Task, AgentCall]] = []
        self._current: _Task | None = None
        self._tasks: list[_Task] = []

    def tell(self, note: Note) -> None: ...

    def enter_stage(self, number: int) -> None: ...

    def line(self) -> None: ...

    def open_group(self, fan_out: FanOut | None = None) -> Branches:
        assert self._current is not None
        self._current.groups.append(Branches(self))
        return self._current.groups[-1]

    def run_workflow(self, name: str, source: str, args: Any, slice_: Slice | None = None) -> Awaitable[Any]:
        return world_of(source, args)["main"](args)  # type: ignore[no-any-return]

    def begin(self, branch: Any, group: Branches | None = None, index: int = 0) -> _Task:
        task = _Task(branch, group, index)
        self._tasks.append(task)
        self._ready.append((task, None))
        return task

    def close(self) -> None:
        """Take no further step of any task."""
        for task in self._tasks:
            with contextlib.suppress(Exception):  # a harness may await where it is closed
                task.coroutine.close()

    def go(self, main: Coroutine[Any, Any, Any]) -> None:
        """Run a harness to its end."""
        root = self.begin(main)
        while not root.over:
            if not self._ready:
                place = self._luck.randrange(len(self._asked)) if self._answers.shuffled else 0
                task, call = self._asked.pop(place)
                self._ready.append((task, None if task.over else self._reply(task, call)))
            task, answer = self._ready.popleft()
            if not task.over:
                self._step(task, answer)

    def _step(self, task: _Task, answer: Any) -> None:
        self._current = task
        try:
            request = task.coroutine.send(answer)
        except StopIteration as done:
            self._end(task, Ended(task.index, done.value, lost=task.lost))
            return
        except Exception as error:  # noqa: BLE001 - whatever a branch raises is its result
            self._end(task, Ended(task.index, error=error, lost=error.lost if isinstance(error, AgentFailed) else None))
            return
        match request:
            case NextEnded(group=Branches() as group) if group.ended:
                group.running -= 1
                self._ready.append((task, group.ended.popleft()))
            case NextEnded(group=Branches() as group):
                group.waiting = task
            case AgentCall():
                self.run.started += 1
                if self.run.started > MOST_AGENTS:
                    raise _Enough
                self._asked.append((task, request))
            case LoadWorkflow(name=name, args=args):
                self._ready.append((task, Reply({"source": self._saved[name], "args": args})))

    def _end(self, task: _Task, ended: Ended) -> None:
        task.over = True
        if task.group is None:
            if ended.error is not None:
                raise ended.error
        elif task.group.waiting is not None:
            waiting, task.group.waiting = task.group.waiting, None
            task.group.running -= 1
            self._ready.append((waiting, ended))
        else:
            task.group.ended.append(ended)

    def _reply(self, task: _Task, call: AgentCall) -> Reply:
        if self._luck.random() < self._answers.loss:
            self.run.lost += 1
            self.heard = self.heard._replace(lost=self.run.lost)
            task.lost = Lost(cause="timeout", message="made up")
            return Reply(lost=task.lost)
        self.heard = self.heard._replace(answered=self.heard.answered + 1)
        return Reply(self._answer(call.schema or {"type": "string"}))

    def _between(self, low: int, high: int) -> int:
        size = self._answers.size
        return self._luck.randint(low, high) if size == "any" else high if size == "most" else low

    def _answer(self, schema: dict[str, Any]) -> Any:
        match schema.get("type"):
            case "object":
                return {key: self._answer(inner) for key, inner in schema["properties"].items()}
            case "array":
                size = self._between(schema.get("minItems", 0), schema["maxItems"])
                if schema.get("uniqueItems"):
                    return self._luck.sample(range(1, size + 1), size)
                return [self._answer(schema["items"]) for _ in range(size)]
            case "boolean":
                truth = self._answers.truth
                return self._luck.random() < 0.5 if truth is None else truth
            case "integer":
                return self._between(schema.get("minimum", -3), schema.get("maximum", 3))
        if "enum" in schema:
            return self._luck.choice(schema["enum"]) if self._answers.size == "any" else schema["enum"][0]
        return self._luck.choice("abc") if self._answers.alike else f"text {self.run.started}"


def world_of(source: str, args: Any) -> dict[str, Any]:
    """Execute a harness up to its `main`, and return its names; a saved one has `args` of its own."""
    world: dict[str, Any] = {name: getattr(primitives, name) for name in primitives.__all__} | {"args": args}
    exec(compile(source, "harness.py", "exec"), world)
    return world


def run_of(
    source: str,
    args: Any,
    answers: Answers = WIDEST,
    seed: int = 0,
    *,
    saved: Mapping[str, str] | None = None,
    seconds: float = 5.0,
) -> Run:
    """Run a harness, for so many seconds of processor time at most."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise _Enough

    gate = Agents(args, answers, random.Random(seed), saved or {})
    install(gate)
    before = signal.signal(signal.SIGVTALRM, stop)
    collects = gc.isenabled()
    gc.disable()  # others are told when it collects, and what is raised there in place of here is theirs
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of coroutines that are never awaited, and of odd code
            try:
                gate.go(world_of(source, args)["main"](args))
            finally:
                gate.close()
        gate.run.ended = True
    except (Exception, _Enough):  # noqa: BLE001 - what was started counts, however the run ends
        pass
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
        install(None)
        if collects:
            gc.enable()
    return gate.run


def agents_started(source: str, args: Any, seed: int | None = None) -> int:
    """Return how many agents a run starts; without a seed, nothing fails and every list is longest."""
    return run_of(source, args, WIDEST if seed is None else ANY, seed or 0).started
