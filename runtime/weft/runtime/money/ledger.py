"""Reservations on record: what a request may cost is durable before it leaves, so that a kill does not hide it.

How much may be reserved is `budget`; what a later execution makes of the record is `weft.runtime.journal.accounts`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import anyio

from weft.runtime.clock import Clock
from weft.runtime.errors import JournalError
from weft.runtime.journal import Recorder
from weft.runtime.journal.events import MoneyMoved, Reserved, Settled
from weft.runtime.pause import Pause

__all__ = ["Ledger"]


@dataclass(slots=True, eq=False)
class _Batch:
    """What becomes durable together."""

    waiting: list[anyio.Event] = field(default_factory=list)
    """Of each that waits for it an event of its own: a virtual clock counts who waits by these."""
    failed: JournalError | None = None


class Ledger:
    """Writes reservations and settlements to the journal of a run; those of the same moment share one commit."""

    def __init__(self, recorder: Recorder, clock: Clock) -> None:
        self._recorder = recorder
        self._clock = clock
        self._reserved: list[Reserved] = []
        self._models: dict[int, str] = {}
        self._settled: list[Settled] = []
        """What is not taken by the journal yet."""
        self._batch: _Batch | None = None

    async def reserve(self, reserved: Reserved, model: str = "") -> None:
        """Return when a reservation is durable, and with it all that was settled before.

        Args:
            reserved: What is set aside.
            model: Who is asked, where that is another model than the call names.

        Raises:
            Pause: it cannot be recorded, so the request must not leave.
        """
        self._reserved.append(reserved)
        if model:
            self._models[reserved.number] = model
        batch = self._batch
        if batch is None:
            batch = self._batch = _Batch()
            try:
                await asyncio.sleep(0)  # others that reserve in this moment share the commit
            finally:  # also where this one is cancelled: they wait for it
                self._batch = None
                self._write(batch)
        else:
            written = anyio.Event()
            batch.waiting.append(written)
            await self._clock.wait(written)
        if batch.failed is not None:  # a pause, for nothing on the way may take it for the failure of this agent
            raise Pause("journal", f"{batch.failed.what} ({batch.failed.where})") from batch.failed

    def settle(self, settled: Settled) -> None:
        """Note what a request has cost; durable with the next reservation, or with whatever ends the execution."""
        self._settled.append(settled)

    def hand_over(self) -> None:
        """Give the journal what it has not taken yet, to be durable with its next commit."""
        if self._reserved or self._settled:
            reserved, settled = tuple(self._reserved), tuple(self._settled)
            self._recorder.add(MoneyMoved(reserved=reserved, settled=settled, models=self._models))
            self._reserved, self._settled, self._models = [], [], {}

    def _write(self, batch: _Batch) -> None:
        self.hand_over()
        try:
            self._recorder.commit()
        except JournalError as error:
            batch.failed = error
        for written in batch.waiting:
            self._clock.wake(written)
