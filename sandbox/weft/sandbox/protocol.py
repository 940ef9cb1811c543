"""Every message between the host and the child that executes a harness, both directions.

One message is one line of JSON in ASCII, so neither a newline nor a lone surrogate in a value can forge a frame.
The two sides take turns; while one works, the other waits:

    host                                child
     │ ◄──────────────────────── Ready ─ │  all is imported, all walls stand; nothing of the harness is known here yet
     │ ── Start ──────────────────────► │  compile, call main(args), run until nothing can go on
     │ ◄─ FanOutBegan, CallAgent, CallHost, CallWorkflow, Cancel, Say … │
     │ ◄──────────────────────── Idle ── │
     │     … agents work; completions are made durable …
     │ ── Deliver ────────────────────► │  hand over each result in order, run until nothing can go on
     │ ◄─ CallAgent, CallHost, CallWorkflow, Cancel, FanOutEnded, Say … │
     │ ◄──────────────────────── Idle ── │
     │     …
     │ ◄──────────── Finished | Failed ─ │  the last message; the child exits

The order of `Deliver`ed results is all that the outside contributes: with source and arguments it decides everything
the child says. The child trusts the host; the host checks each message and believes nothing beyond it.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from typing import Any, Literal, Protocol, TypeVar, get_args

from weft.primitives.calls import UNLIMITED, AgentCall, Allowance, FanOutKind, HostCall, NoteKind
from weft.primitives.limits import LANGUAGE
from weft.primitives.lost import Lost, Spent

__all__ = [
    "WALLS",
    "CallAgent",
    "CallHost",
    "CallWorkflow",
    "Cancel",
    "Child",
    "ChildMessage",
    "Compared",
    "Deliver",
    "Failed",
    "FailureKind",
    "FanOutBegan",
    "FanOutEnded",
    "Finished",
    "HostMessage",
    "Idle",
    "Limits",
    "Observation",
    "Ready",
    "Result",
    "Say",
    "Scalar",
    "Start",
    "Wall",
    "computed_too_long",
    "decode",
    "encode",
]

FailureKind = Literal[
    "syntax",  # the source is not Python
    "policy",  # the source uses something the language does not have
    "script",  # the harness raised an error that nothing caught
    "not_json",  # main returned something that is not JSON data
    "deadlock",  # the harness waits for something that can never happen
    "cpu",  # it computed for too long between two awaits
    "limit",  # it said more than a run may say
    "internal",  # the child itself failed: a bug of ours
]


Wall = Literal["limits", "landlock", "seccomp"]
"""What keeps a child from the system, see `confine`."""

WALLS: tuple[Wall, ...] = get_args(Wall)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the child may use; it is born with them. The host enforces its side of each again."""

    cpu_seconds: float = 10.0
    """CPU time between two awaits of the harness."""
    wall_seconds: float = 60.0
    """Real time of one turn of the child: its CPU time, and room for a busy machine."""
    memory_bytes: int = 512 * 1024 * 1024
    frame_bytes: int = 16 * 1024 * 1024
    """The largest single message, either way."""
    total_bytes: int = 1024 * 1024 * 1024
    """All that a child may send."""
    calls: int = 100_000
    """How many calls a run may make: of agents, of the host, and of saved harnesses."""
    branches: int = 1_000_000
    """How many branches a run may have, those of all its fan-outs together."""
    depth: int = 200
    """How many fan-outs and saved harnesses may stand in each other; each adds to every call path within it."""
    notes: int = 10_000
    """How often a run may call `log`, `phase` and `finding`."""
    note_bytes: int = 16 * 1024 * 1024
    """All that it may say with them: each is kept for good, and shown whenever somebody looks at the run."""
    steps: int = 200_000
    """How many rounds of `until_dry`, `until_target` and `while_budget` may begin, how many of these loops may come to
    their end, and how many verdicts of `verify` may be reached, all together."""


# ------------------------------------------------------------------------------------------------ host to child


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Execute this harness. Sent once, first."""

    source: str
    filename: str
    args: Any
    now: str
    """ISO 8601 start of the run, the only clock a harness has."""
    allowance: Allowance
    language: int = LANGUAGE
    """The version of the language that it speaks, and all saved harnesses with it."""
    observed: bool = False
    """Whether its last word tells what it has done; not what the saved harnesses have that it calls."""
    code: str | None = None
    """What `compiled` in `process` has made of the source, which is not compiled again."""
    only_compile: bool = False
    """Whether to execute nothing, and end with such a code as the result."""
    tools: tuple[str, ...] = ()
    """The tools that there are besides those of `weft.primitives.tools`, see `is_added` there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The answer to the call numbered `id`: a value, or the reason why there is none."""

    id: int
    value: Any = None
    lost: Lost | None = None
    touched: tuple[str, ...] | None = ()
    """What its tools opened; `None` where that is not on record."""
    allowance: Allowance = UNLIMITED
    """The budget as of this result; what `budget` shows from here on."""
    slices: tuple[Allowance, ...] = ()
    """The same of each slice of the budget that the call stands in, outermost first; the last is its own, where it is
    the call of a saved harness that asks for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliver:
    """Results that are durable, to be handed over one after the other."""

    results: tuple[Result, ...]


HostMessage = Start | Deliver

# ------------------------------------------------------------------------------------------------ child to host


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """The child waits for its harness."""

    type: Literal["ready"] = "ready"
    walls: tuple[Wall, ...]
    """Those that stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAgent:
    """The harness reached an agent. Calls are numbered from 0 in the order in which it does."""

    type: Literal["call_agent"] = "call_agent"
    id: int
    path: str
    """The call path: which branch of which fan-out, which stage. `/0.3@1` is stage 1 of item 3 of the first."""
    line: int | None
    """The line of the harness that waits for it."""
    agent: AgentCall
    slice: int | None = None
    """The call that opened the innermost slice of the budget it stands in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallHost:
    """The harness reached a tool, or a question to a person; numbered together with agents."""

    type: Literal["call_host"] = "call_host"
    id: int
    path: str
    line: int | None
    call: HostCall
    slice: int | None = None
    """As for `CallAgent`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallWorkflow:
    """The harness reached a saved harness and needs its source; numbered together with agents."""

    type: Literal["call_workflow"] = "call_workflow"
    id: int
    path: str
    line: int | None
    name: str
    args: Any
    chain: tuple[str, ...]
    """The saved harnesses that are being executed around this call, outermost first."""
    budget: float | None = None
    """The fraction of what is left that it may use: this call opens a slice."""
    slice: int | None = None
    """As for `CallAgent`."""
    returning: bool = False
    """Whether it has ended, and `args` is what it returned, for the host to check against its `RESULT`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Nobody waits for this call any more: stop its agent."""

    type: Literal["cancel"] = "cancel"
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOutBegan:
    """The harness begins a `parallel` or a `pipeline`; none of its branches has taken a step."""

    type: Literal["fan_out_began"] = "fan_out_began"
    path: str
    """Its call path, that of its branches up to their numbers: `/0` has the branches `/0.0`, `/0.1` …"""
    line: int | None
    """The line of the harness where it was made."""
    kind: FanOutKind
    width: int
    """How many branches or items it has, at least 1."""
    agents: int = 0
    """How many of its branches are one agent each, and nothing else."""
    quorum: int | None = None
    """How many values are enough to end it; all branches without one."""
    chain: tuple[str, ...] = ()
    """The saved harnesses that are being executed around it, outermost first; the line is one of the innermost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOutEnded:
    """A fan-out is over. Each branch that is not named gave a value."""

    type: Literal["fan_out_ended"] = "fan_out_ended"
    path: str
    lost: tuple[int, ...] = ()
    """Branches that failed: an agent was lost, or an error was raised. Each list is in ascending order."""
    dropped: tuple[int, ...] = ()
    """Branches that gave `None` of their own accord."""
    cancelled: tuple[int, ...] = ()
    """Branches that nobody waited for any more, and those that never began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """A phase, log line, finding, what was understood, rounds of a loop, what votes came to or an error of a branch."""

    type: Literal["say"] = "say"
    kind: NoteKind
    path: str
    line: int | None
    data: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """Nothing can go on without a result: your turn."""

    type: Literal["idle"] = "idle"


Scalar = str | int | float


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """At some place two values were compared, or one was looked for among others, of which the other is one."""

    line: int
    column: int
    one: Scalar
    other: Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What a harness has done."""

    lines: tuple[int, ...] = ()
    """Those of the statements that it has executed."""
    calls: tuple[tuple[int, int], ...] = ()
    """Lines and columns of the calls of primitives that start agents, as far as it has come to them."""
    ways: tuple[tuple[int, int, int], ...] = ()
    """Of each condition that was asked its line, its column, and 1 if it held, 2 if it did not, 3 for both."""
    compared: tuple[Compared, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """`main` returned this value."""

    type: Literal["finished"] = "finished"
    value: Any
    observation: Observation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The harness cannot go on."""

    type: Literal["failed"] = "failed"
    kind: FailureKind
    message: str
    line: int | None = None
    trace: tuple[str, ...] = ()
    """The way there through the harness, outermost first, as `name, line 12`."""
    observation: Observation | None = None
    """`None` also where the child was stopped on the way."""


ChildMessage = (
    Ready | CallAgent | CallHost | CallWorkflow | Cancel | FanOutBegan | FanOutEnded | Say | Idle | Finished | Failed
)

# ------------------------------------------------------------------------------------------------ taking turns

Work = TypeVar("Work")


class Child(Protocol):
    """What executes a harness, as the host sees it: `process.Sandbox`, and in tests one that needs no process."""

    def start(self, start: Start) -> AsyncIterator[ChildMessage]:
        """Hand over the harness and yield what the child says until it is the host's turn.

        The first message is `Ready`, the last one `Idle`, `Finished` or `Failed`.

        Raises:
            SandboxError: the child is gone.
        """

    def deliver(self, results: Sequence[Result]) -> AsyncIterator[ChildMessage]:
        """Hand over durable results in order and yield what the child says until it is the host's turn.

        The last message is `Idle`, `Finished` or `Failed`.

        Raises:
            SandboxError: the child is gone.
        """

    async def while_it_waits(self, work: Callable[[], Awaitable[Work]]) -> Work:
        """Return what the host works out while it is its turn.

        Raises:
            SandboxError: the child is gone, so nobody waits for it any more.
        """


# ------------------------------------------------------------------------------------------------ frames


def computed_too_long(limits: Limits) -> str:
    """Say what `cpu` in `Failed` means; by the child, or by the host for a child that cannot."""
    seconds = f"{limits.cpu_seconds:g} s"
    return f"the harness computed for more than {seconds} without awaiting anything: work on less between two awaits"


def encode(message: HostMessage | ChildMessage) -> bytes:
    """Write one message as one line; what is left out has its default."""
    return _ENCODER.encode(message).encode("ascii") + b"\n"


def decode(line: bytes) -> HostMessage:
    """Read one message of the host. The child trusts it; the host reads the child with `process`, which does not."""
    text = line.decode("ascii")
    if text.startswith(_RESULTS):
        return Deliver(results=tuple(_results(text, len(_RESULTS))))
    data = json.loads(text)
    return Start(**{**data, "allowance": _allowance(data.get("allowance", {}))})


def _fields(value: Any) -> dict[str, Any]:
    return _collector(type(value))(value)  # type: ignore[arg-type]  # classes are hashable, mypy denies it


@cache
def _collector(kind: type) -> Callable[[Any], dict[str, Any]]:
    """Return what collects the fields of a message or part of one that have to be sent.

    Its code is written for the class, as `dataclass` writes its methods: going over the fields takes thrice the time.
    """
    if not is_dataclass(kind):
        raise TypeError(f"a {kind.__name__} has no place in a message")
    names: dict[str, Any] = {}
    lines = ["def collect(value):", "    sent = {}"]
    for item in fields(kind):
        # By its `type` a message is told from others, so that is always sent.
        if item.default is not MISSING and item.name != "type":
            names[f"default_{item.name}"] = item.default
            lines.append(f"    if value.{item.name} is not default_{item.name}:")
        else:
            lines.append("    if True:")
        lines.append(f"        sent[{item.name!r}] = value.{item.name}")
    exec("\n".join([*lines, "    return sent"]), names)
    collect: Callable[[Any], dict[str, Any]] = names["collect"]
    return collect


_RESULTS = '{"results":['
_read = json.JSONDecoder().raw_decode


def _results(text: str, at: int) -> Iterator[Result]:
    # Each is read by itself: keys of one text are the same object, and how many results come at once is chance.
    while text[at] != "]":
        data, at = _read(text, at + (text[at] == ","))
        yield _result(data)


_ENCODER = json.JSONEncoder(
    default=_fields,
    separators=(",", ":"),
    allow_nan=False,
    check_circular=False,  # takes a third of the time, and there are no circles: all that is sent is JSON data
)


def _result(data: dict[str, Any]) -> Result:
    lost, touched = data.get("lost"), data.get("touched", ())
    return Result(
        id=data["id"],
        value=data.get("value"),
        lost=None if lost is None else Lost(**{**lost, "spent": Spent(**lost.get("spent", {}))}),
        touched=None if touched is None else tuple(touched),
        allowance=_allowance(data.get("allowance", {})),
        slices=tuple(map(_allowance, data.get("slices", ()))),
    )


def _allowance(data: dict[str, Any]) -> Allowance:
    return Allowance(tokens=data.get("tokens"), usd=data.get("usd"), spent=Spent(**data.get("spent", {})))
