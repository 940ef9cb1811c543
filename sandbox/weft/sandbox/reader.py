"""From bytes of a child to messages: what is no message of `protocol`, comes out of turn or is too much ends here.

There is no process and no waiting in here, see `process`; so every byte a hostile child may send can be tried alone.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable
from functools import cache
from itertools import pairwise
from math import inf
from typing import Annotated, Any, get_args

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from weft.primitives.calls import HostCall, ToolCall
from weft.primitives.data import as_json
from weft.primitives.errors import NotJson
from weft.primitives.language import MAX_FANOUT, MAX_SOURCE_BYTES
from weft.primitives.skeptics import Opinion
from weft.primitives.tools import TOOLS, check_tool_call
from weft.primitives.verifying import Outcome
from weft.sandbox.errors import ProtocolViolation
from weft.sandbox.protocol import (
    CallAgent,
    CallHost,
    CallWorkflow,
    Cancel,
    ChildMessage,
    Failed,
    FanOutBegan,
    FanOutEnded,
    Finished,
    Idle,
    Limits,
    Ready,
    Result,
    Say,
)
from weft.sandbox.tally import Tally

__all__ = ["Reader"]

Placed = CallAgent | CallHost | CallWorkflow | FanOutBegan | FanOutEnded | Say
"""What says where in the harness it stands."""

LONGEST_NAME = 1_000
"""How many letters the name of a saved harness may have."""

_PATH = re.compile(r"(?:/\d{1,9}\.\d{1,9}(?:@\d{1,9})?)*+(?:/\d{1,9})?", re.ASCII)
"""What a call path is made of; that of a fan-out ends with its own number."""


class Reader:
    """Reads what one child says, and keeps track of what it may say next."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lines: deque[bytes] = deque()
        """Those that are complete, and have not been read."""
        self._unread = bytearray()
        """The beginning of the next one."""
        self._received = 0
        self._ready = False
        self._tally = Tally(limits)
        self._open: set[int] = set()
        self._widths: dict[str, int | None] = {}
        """How many branches each fan-out has; `None` once it has ended."""
        self._answered: frozenset[int] = frozenset()
        self._depths: dict[int, int] = {}
        """In how many slices of the budget each call of a saved harness stands that has no answer yet."""
        self._slices: dict[int | None, int] = {None: 0}
        """The calls that have opened a slice: how many there are around what stands in it, itself included."""

    def feed(self, chunk: bytes) -> None:
        """Take in bytes.

        Raises:
            ProtocolViolation: there are too many, of one message or in all.
        """
        self._received += len(chunk)
        if self._received > self._limits.total_bytes:
            raise ProtocolViolation(f"the sandbox sent more than {self._limits.total_bytes} bytes")
        *ends, beginning = chunk.split(b"\n")
        if ends:
            self._lines.append(bytes(self._unread + ends[0]))
            self._lines.extend(ends[1:])
            self._unread.clear()
        self._unread += beginning

    def next(self) -> ChildMessage | None:
        """Return the next message, or `None` while it is not complete.

        Raises:
            ProtocolViolation: what comes next is not a message, or not one the child may send now.
        """
        line = self._lines.popleft() if self._lines else None
        if len(self._unread if line is None else line) > self._limits.frame_bytes:
            raise ProtocolViolation(f"the sandbox sent a message of more than {self._limits.frame_bytes} bytes")
        if line is None:
            return None
        message = _validated(line)
        if isinstance(message, Placed):
            self._check_place(message)
        self._check_order(message)
        if isinstance(message, Say):
            _refuse(self._tally.note(message.kind) or self._tally.note_bytes(len(line)))
        return message

    def host_speaks(self, results: Iterable[Result] = ()) -> None:
        """Note that the host takes its turn, with these answers; one of a saved harness may open a slice for it.

        Raises:
            ProtocolViolation: the child has gone on speaking in the host's turn.
        """
        if self._lines or self._unread:
            raise _violation("a message out of turn")
        self._answered = frozenset(result.id for result in results)
        for result in results:
            around = self._depths.pop(result.id, None)
            if around is not None and len(result.slices) > around:
                self._slices[result.id] = len(result.slices)

    def _check_order(self, said: ChildMessage) -> None:
        """Check what a message alone cannot show."""
        if isinstance(said, Ready) == self._ready:
            raise _violation("ready twice" if self._ready else f"{said.type} before it was ready")
        match said:
            case Ready():
                self._ready = True
            case CallAgent(id=number, slice=slice_) | CallHost(id=number, slice=slice_):
                self._check_slice(slice_)
                self._count_call(number)
            case CallWorkflow(id=number, slice=slice_):
                self._check_slice(slice_)
                self._count_call(number)
                self._depths[number] = self._slices[slice_]
            case Cancel(id=number):
                if number not in self._open:
                    raise _violation(f"the end of call {number}, which is not open")
                self._open.remove(number)
                self._slices.pop(number, None)
                self._depths.pop(number, None)
            case FanOutBegan() | FanOutEnded():
                self._check_fan_out(said)
            case Idle():
                # Not before: the child may cancel a call in the turn in which its answer was on the way.
                self._open -= self._answered
                if not self._open:
                    raise _violation("it waits, and no call is open")
            case _:
                pass

    def _check_place(self, said: Placed) -> None:
        """Check where something stands: those who read a path go through all of it, for each call."""
        _refuse(self._tally.depth(said.path))
        if not _PATH.fullmatch(said.path):
            raise _violation("a call path that no harness has")
        chain = said.chain if isinstance(said, (CallWorkflow, FanOutBegan)) else ()
        if len(chain) > self._limits.depth or any(len(name) > LONGEST_NAME for name in chain):
            raise _violation("a chain of saved harnesses that none has")

    def _check_fan_out(self, said: FanOutBegan | FanOutEnded) -> None:
        if isinstance(said, FanOutBegan):
            self._begin_fan_out(said)
        else:
            self._end_fan_out(said)

    def _check_slice(self, number: int | None) -> None:
        if number not in self._slices:
            raise _violation(f"a call on the slice of call {number}, which has none")

    def _count_call(self, number: int) -> None:
        if number != self._tally.calls:
            raise _violation(f"call {number} where call {self._tally.calls} is next")
        _refuse(self._tally.another_call())
        self._tally.calls += 1
        self._open.add(number)

    def _begin_fan_out(self, began: FanOutBegan) -> None:
        if began.path in self._widths:
            raise _violation("a fan-out that has begun before")
        _refuse(self._tally.fan_out(began.width))
        self._widths[began.path] = began.width

    def _end_fan_out(self, ended: FanOutEnded) -> None:
        width = self._widths.get(ended.path)
        if width is None:
            raise _violation("the end of a fan-out that is not open")
        self._widths[ended.path] = None
        lists = (ended.lost, ended.dropped, ended.cancelled)
        named = {index for indices in lists for index in indices}
        ascending = all(a < b for indices in lists for a, b in pairwise(indices))
        if len(named) != sum(map(len, lists)) or not ascending or not named <= set(range(width)):
            raise _violation("a branch that the fan-out does not have, or names twice")


@cache
def _validate() -> Callable[[bytes], ChildMessage]:
    """Return what makes a message of a line; the adapter around it would take as long again for each."""
    described = Annotated[ChildMessage, Field(discriminator="type")]
    validate: Callable[[bytes], ChildMessage] = TypeAdapter(
        described, config=ConfigDict(strict=True, extra="forbid")
    ).validator.validate_json
    return validate


def _validated(line: bytes) -> ChildMessage:
    try:
        message = _validate()(line)
        _check(message)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _violation(f"{where}: {first['msg']}") from None
    except NotJson as error:
        raise _violation(error.what) from None
    return message


def _check(message: ChildMessage) -> None:
    """Check what types cannot say. The primitives in the child have checked it; a broken child has not."""
    match message:
        case CallAgent(agent=agent):
            as_json(agent.schema)
            as_json(agent.context)
            if not (_is_limit(agent.max_tokens) and _is_limit(agent.timeout) and (agent.retries or 0) >= 0):
                raise _violation("a limit of an agent that is not above 0")
        case CallHost(call=call):
            _check_host_call(call)
        case CallWorkflow(args=value, budget=budget):
            as_json(value)
            if budget is not None and not 0 < budget <= 1:
                raise _violation("a slice of the budget that is no fraction of it")
        case Finished(value=value):
            as_json(value)
        case FanOutBegan(width=width, agents=agents, quorum=quorum):
            if not (0 <= agents <= width and 1 <= (width if quorum is None else quorum) <= width <= MAX_FANOUT):
                raise _violation("a fan-out with more or fewer branches than there can be")
        case Say():
            _check_note(message)
        case _:
            pass
    if isinstance(message, (CallAgent, CallHost, CallWorkflow, FanOutBegan, Say, Failed)):
        _check_line(message.line)


def _check_host_call(call: HostCall) -> None:
    if isinstance(call, ToolCall):
        try:
            check_tool_call(call.name, call.arguments, (call.name,) if call.name not in TOOLS else ())
        except (TypeError, ValueError):
            raise _violation("a call of a tool that there is not, or not like this") from None
        return
    as_json([call.text, call.default, call.choices])
    if not _is_limit(call.timeout) or call.default not in (call.choices or (call.default,)):
        raise _violation("a question that nobody can answer")


def _is_limit(limit: float | None) -> bool:
    return limit is None or 0 < limit < inf


_ENDS = {"until_dry": "dry", "until_target": "target", "while_budget": "budget"}
"""How a loop of each kind ends by itself."""

_OUTCOMES: tuple[str, ...] = get_args(Outcome)

_OPINIONS: tuple[str, ...] = get_args(Opinion)


def _check_note(say: Say) -> None:
    match (say.kind, say.data):
        case ("phase" | "log", str()):
            pass
        case ("finding", data):
            as_json(data)
        case ("understood", {"count": int(count), "of": int(of), "what": str(), "hint": str(), **rest} as data) if (
            type(count) is type(of) is int and 0 <= count <= of and not rest
        ):
            as_json(data)
        case ("raised", {"index": int(index), "message": str(), **rest}) if type(index) is int and not rest:
            pass
        case ("round", {"helper": str(helper), "number": int(number), **rest}) if (
            type(number) is int and number >= 1 and helper in _ENDS and _is_found(rest)
        ):
            pass
        case ("loop", {"helper": str(helper), "ended": str(ended), "rounds": int(rounds), **rest}) if (
            type(rounds) is int
            and rounds >= 0
            and helper in _ENDS
            and ended in (_ENDS[helper], "cap", "lost")
            and ("free" not in rest or (rest["free"], helper, ended) == (True, "while_budget", "cap"))
            and _is_found({name: value for name, value in rest.items() if name != "free"})
        ):
            pass
        case ("verdict", {"outcome": str(outcome), "votes": list(votes), **rest}) if (
            outcome in _OUTCOMES and all(map(_is_vote, votes)) and _is_rule(rest, len(votes))
        ):
            pass
        case _:
            raise _violation(f"a note of kind {say.kind} with something else in it")


def _is_found(rest: dict[Any, Any]) -> bool:
    """Whether this is nothing, or how many items a round has found."""
    return not rest or (rest.keys() == {"found"} and type(rest["found"]) is int and rest["found"] >= 0)


def _is_vote(vote: object) -> bool:
    """Whether this is a vote with whether it is discounted."""
    match vote:
        case [str(opinion), bool()]:
            return opinion in _OPINIONS
        case _:
            return False


def _is_rule(rest: object, votes: int) -> bool:
    """Whether this is by which rule so many votes were counted: of all sides, and at most one tie-breaker."""
    match rest:
        case {"quorum": int(quorum), "veto": bool(), "sides": int(sides), **more}:
            whole = type(quorum) is type(sides) is int
            return whole and not more and 1 <= quorum <= sides <= votes <= sides + 1
        case _:
            return False


def _check_line(line: int | None) -> None:
    if line is not None and not 1 <= line <= MAX_SOURCE_BYTES:
        raise _violation("a line that no harness has")


def _refuse(too_much: str | None) -> None:
    if too_much is not None:
        raise _violation(too_much)


def _violation(problem: str) -> ProtocolViolation:
    return ProtocolViolation(f"the sandbox sent something that is not a message ({problem})")
