"""The values a primitive hands to the loop of a run, and the one gate through which it does.

Everything else in this package is ordinary Python over `call` (wait for the loop) and `current` (tell the loop).
What runs on the other side lives in `weft.sandbox.loop`; a test can drive the same values with ten lines.
"""

from __future__ import annotations

import types
from collections.abc import Awaitable, Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

from weft.primitives.errors import OutsideRun
from weft.primitives.lost import NOTHING_SPENT, Lost, Spent

__all__ = [
    "UNLIMITED",
    "AgentCall",
    "Allowance",
    "Branch",
    "Effort",
    "Ended",
    "FanOut",
    "FanOutKind",
    "Gate",
    "Group",
    "Heard",
    "HostCall",
    "LoadWorkflow",
    "NextEnded",
    "Note",
    "NoteKind",
    "OnInterrupt",
    "Question",
    "Reply",
    "Slice",
    "ToolCall",
    "call",
    "current",
    "heard",
    "install",
    "tell",
]

Effort = Literal["minimal", "low", "medium", "high", "xhigh", "max"]
OnInterrupt = Literal["rerun", "ask", "skip"]
NoteKind = Literal["phase", "log", "finding", "understood", "raised", "round", "loop", "verdict"]
FanOutKind = Literal["parallel", "pipeline"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentCall:
    """Ask the host for one sub-agent. The fields are the arguments of `agent`; `None` means "not given"."""

    prompt: str
    schema: dict[str, Any] | None = None
    label: str | None = None
    phase: str | None = None
    profile: str | None = None
    model: str | None = None
    effort: Effort | None = None
    tools: tuple[str, ...] | None = None
    context: Any = None
    isolation: Literal["worktree"] | None = None
    max_tokens: int | None = None
    timeout: float | None = None
    retries: int | None = None
    critical: bool = False
    on_interrupt: OnInterrupt = "rerun"
    spawns: int | None = None
    budget: float | None = None


@dataclass(frozen=True, slots=True)
class ToolCall:
    """Ask the host for one call of a tool, without a model. Which tools there are is in `tools`."""

    name: str
    arguments: dict[str, Any]
    """What it is given, as JSON data; what is left out has the default of the tool."""


@dataclass(frozen=True, slots=True)
class Question:
    """Ask the host for a decision by a person. The fields are the arguments of `ask`."""

    text: str
    default: str
    """The answer that counts where nobody gives one."""
    timeout: float
    """Seconds after which that is so."""
    choices: tuple[str, ...] | None = None
    """What can be answered; any text without them."""


HostCall = ToolCall | Question
"""What the host answers without a model."""


@dataclass(frozen=True, slots=True)
class LoadWorkflow:
    """Ask the host for the source of a saved harness; the answer is `{"source": …, "args": …}`."""

    name: str
    args: Any
    budget: float | None = None
    """The fraction of what the caller has left that it may use; all without one."""
    returning: bool = False
    """Ask instead whether `args`, which it returned, fits its `RESULT`."""


@dataclass(frozen=True, slots=True)
class NextEnded:
    """Wait until one more branch of the group has ended; the answer is an `Ended`."""

    group: Group


@dataclass(slots=True)
class Slice:
    """The part of the budget that a saved harness, and all that it starts, may use."""

    number: int
    """The call that opened it."""
    allowance: Allowance
    """How it stands, as of the last delivered result of a call in it."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the host answers to an `AgentCall`, a `HostCall` or a `LoadWorkflow`."""

    value: Any = None
    lost: Lost | None = None
    touched: tuple[str, ...] | None = ()
    """What the agent's tools really opened and asked, see `AgentReply.touched` of the host: not claimed by the agent.
    `None` where nobody recorded it, or it had no tools."""
    slice: Slice | None = None
    """What a saved harness may use of the budget, where the call says how much."""


@dataclass(frozen=True, slots=True)
class Ended:
    """One branch of a fan-out has ended: with a value, or with the error it raised."""

    index: int
    value: Any = None
    error: Exception | None = None
    lost: Lost | None = None
    """The last agent that was lost on this branch, if any: the reason, should the value be `None`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOut:
    """What is known of a fan-out before its first branch begins."""

    kind: FanOutKind
    line: int | None
    """The line of the harness where it was made."""
    width: int
    """How many branches or items it has."""
    agents: int = 0
    """How many of its branches are one agent each, and nothing else."""
    quorum: int | None = None
    """How many values are enough to end it; all branches without one."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something to show and to remember that needs no answer."""

    kind: NoteKind
    data: Any


@dataclass(frozen=True, slots=True)
class Allowance:
    """The budget as of the last delivered result. `None` means no ceiling."""

    tokens: int | None = None
    usd: float | None = None
    spent: Spent = NOTHING_SPENT


class Heard(NamedTuple):
    """How many of the agents that somebody asked have answered, and how many were lost."""

    answered: int = 0
    lost: int = 0


UNLIMITED = Allowance()
"""The budget of a run that has no ceiling and has spent nothing."""

Branch = Awaitable[Any] | Callable[[], Any]


class Group(Protocol):
    """The branches of one fan-out, numbered along the call path of the task that opened it."""

    running: int
    """How many branches were started and have not been collected."""

    def start(self, index: int, branch: Awaitable[Any]) -> None:
        """Let a branch begin; it takes its first step when the tasks before it have taken theirs."""

    def close(self) -> None:
        """End the fan-out: stop every branch that still runs, and the agents they wait for."""


class Gate(Protocol):
    """What the loop offers to primitives besides waiting."""

    args: Any
    now: str
    tools: Sequence[str]
    """The tools that there are besides those of `tools`, see `is_added` there."""

    @property
    def allowance(self) -> Allowance:
        """The budget as the current task may use it: that of the innermost slice it stands in."""

    @property
    def heard(self) -> Heard:
        """What has come so far of the agents that the current task has asked, and the branches that it began."""

    def tell(self, note: Note) -> None:
        """Show and remember a note."""

    def line(self) -> int | None:
        """Return the line of the harness that is being executed."""

    def open_group(self, fan_out: FanOut | None = None) -> Group:
        """Begin a fan-out on the current task; without a description it is nothing a person should hear of."""

    def enter_stage(self, number: int) -> None:
        """Mark which stage of a pipeline the current task is in; part of the call path."""

    def run_workflow(self, name: str, source: str, args: Any, slice_: Slice | None) -> Awaitable[Any]:
        """Compile a saved harness in a world of its own and return its running `main`, which draws on the slice."""


_gate: Gate | None = None


def install(gate: Gate | None) -> None:
    """Make `gate` the one that primitives talk to; `None` takes it away. A process holds one run at a time."""
    global _gate  # noqa: PLW0603 - the gate is a property of the process, as trio's run context is of the thread
    _gate = gate


def current(name: str = "this primitive") -> Gate:
    """Return the gate of the run going on.

    Raises:
        OutsideRun: there is none; `name` is the primitive to name in the message.
    """
    if _gate is None:
        raise OutsideRun(name)
    return _gate


def heard() -> Heard:
    """Return what has come of agents so far: nothing where no run goes on."""
    return Heard() if _gate is None else _gate.heard


def tell(note: Note) -> None:
    """Pass a note on to the run, if one goes on: what only computes works without."""
    if _gate is not None:
        _gate.tell(note)


@types.coroutine
def call(request: AgentCall | HostCall | LoadWorkflow | NextEnded) -> Generator[Any, Any, Any]:
    """Wait until the loop has an answer to `request`. The only place where a primitive gives up control."""
    return (yield request)
