"""Driving primitives with the real loop of the sandbox, but without its process: a test is the host."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from weft.primitives import calls
from weft.primitives.calls import AgentCall, Allowance
from weft.primitives.lost import Lost
from weft.sandbox.loop import Loop
from weft.sandbox.protocol import (
    CallAgent,
    Cancel,
    ChildMessage,
    Deliver,
    Failed,
    FanOutBegan,
    FanOutEnded,
    Limits,
    Result,
    Say,
    Start,
)

Main = Callable[[Any], Coroutine[Any, Any, Any]]
Answer = Callable[[AgentCall], Any]
Spending = Callable[[int], Allowance]
"""The budget after so many answers."""


LIMITS = Limits(notes=100, calls=1000, branches=10_000)


class Stopped(Exception):
    """The loop asked for the end of the process."""


class Host:
    """Answers calls, and remembers what the harness said and started."""

    def __init__(self, answer: Answer, pick: Callable[[list[CallAgent]], int], allowance: Spending) -> None:
        self.said: list[Say] = []
        self.fan_outs: list[FanOutBegan | FanOutEnded] = []
        self.calls: list[CallAgent] = []
        self.cancelled: list[int] = []
        self.most_waiting = 0
        self._answer = answer
        self._pick = pick
        self._allowance = allowance
        self._answered = 0
        self._waiting: list[CallAgent] = []

    def send(self, message: ChildMessage) -> None:
        match message:
            case CallAgent():
                self.calls.append(message)
                self._waiting.append(message)
                self.most_waiting = max(self.most_waiting, len(self._waiting))
            case Cancel(id=number):
                self.cancelled.append(number)
                self._waiting = [call for call in self._waiting if call.id != number]
            case FanOutBegan() | FanOutEnded():
                self.fan_outs.append(message)
            case Say():
                self.said.append(message)
            case _:
                pass

    def receive(self) -> Deliver:
        call = self._waiting.pop(self._pick(self._waiting))
        value = self._answer(call.agent)
        if isinstance(value, Result):
            return Deliver(results=(Result(id=call.id, value=value.value, lost=value.lost, touched=value.touched),))
        lost = value if isinstance(value, Lost) else None
        self._answered += 1
        allowance = self._allowance(self._answered)
        result = Result(id=call.id, value=None if lost else value, lost=lost, allowance=allowance)
        return Deliver(results=(result,))


def drive(
    main: Main,
    answer: Answer = lambda call: f"reply:{call.prompt}",
    *,
    args: Any = None,
    pick: Callable[[list[CallAgent]], int] = lambda waiting: 0,
    allowance: Allowance | Spending = Allowance(),  # noqa: B008 - it is frozen
    now: str = "2026-01-02T03:04:05+00:00",
) -> tuple[Any, Host]:
    """Run `main` to its end; `pick` chooses which waiting call is answered next. Return its value, and the host."""
    spending = allowance if callable(allowance) else lambda answered: allowance
    host = Host(answer, pick, spending)

    def stop(message: Failed) -> NoReturn:
        raise Stopped(message.message)

    start = Start(source="", filename="<test>", args=args, now=now, allowance=spending(0))
    loop = Loop(start, LIMITS, compile_harness=lambda *_: main, send=host.send, stop=stop)
    calls.install(loop)
    try:
        turns = loop.run(main(args))
        next(turns)
        while True:
            turns.send(host.receive().results)
    except StopIteration as ended:
        return ended.value, host
    finally:
        calls.install(None)
