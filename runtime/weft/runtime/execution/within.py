"""A harness that is executed in a part of a run: what it says, as if the run's own child had said it."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from weft.runtime.execution.host import Host
from weft.sandbox.protocol import CallAgent, CallHost, CallWorkflow, FanOutBegan, FanOutEnded, Result, Say, Wall

__all__ = ["Within"]

Placed = TypeVar("Placed", bound=CallAgent | CallHost | CallWorkflow | FanOutBegan | FanOutEnded | Say)


class Within:
    """Answers a child by the host of a part of a run; implements `Turns`."""

    def __init__(
        self,
        host: Host,
        first: int,
        path: str,
        line: int | None,
        slice_: int | None,
        slices: int,
        chain: tuple[str, ...],
    ) -> None:
        """Prepare to answer.

        Args:
            host: Who answers.
            first: The number in the run of its first call.
            path: The call path of its `main`.
            line: The line of the run's harness where it is wanted.
            slice_: The slice of the budget that it stands in.
            slices: How many slices there are around it.
            chain: The saved harnesses around it.
        """
        self._host = host
        self._first = first
        self._path = path
        self._line = line
        self._slice = slice_
        self._slices = slices
        self._chain = chain
        self.open: dict[int, None] = {}
        """The calls that have no answer, by their numbers in the run."""
        self.touched: dict[str, None] = {}
        """What its answers rest on."""

    def ready(self, walls: tuple[Wall, ...]) -> None:
        """Record what confines it."""
        self._host.ready(walls)

    def called(self, call: CallAgent | CallHost | CallWorkflow) -> None:
        """Pass on a call."""
        number = self._first + call.id
        slice_ = self._slice if call.slice is None else self._first + call.slice
        placed = replace(self._placed(call), id=number, slice=slice_)
        if call.path == "":
            placed = replace(placed, line=self._line)
        if isinstance(placed, CallWorkflow):
            placed = replace(placed, chain=(*self._chain, *placed.chain))
        self.open[number] = None
        self._host.called(placed)

    def cancelled(self, number: int) -> None:
        """Pass on that nobody waits for a call."""
        self.open.pop(self._first + number, None)  # it has none where its answer was on the way
        self._host.cancelled(self._first + number)

    def fan_out(self, message: FanOutBegan | FanOutEnded) -> None:
        """Pass on the beginning or the end of a fan-out."""
        placed = self._placed(message)
        if isinstance(placed, FanOutBegan):
            placed = replace(placed, chain=(*self._chain, *placed.chain))
        self._host.fan_out(placed)

    def said(self, say: Say) -> None:
        """Pass on a note."""
        self._host.said(self._placed(say))

    async def results(self) -> list[Result]:
        """Return what the host has for it, as it knows its calls and slices."""
        return [self._received(result) for result in await self._host.results()]

    def _received(self, result: Result) -> Result:
        del self.open[result.id]
        self.touched |= dict.fromkeys(result.touched or ())
        whole, *inner = (result.allowance, *result.slices)[self._slices :]
        return replace(result, id=result.id - self._first, allowance=whole, slices=tuple(inner))

    def _placed(self, message: Placed) -> Placed:
        return replace(message, path=f"{self._path}{message.path}")
