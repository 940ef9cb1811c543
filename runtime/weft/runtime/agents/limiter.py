"""When a request to a provider may leave: first come, first served, within its limits, and again when it was refused.

Sending, paying and settling a request is `meter`'s business; what limits are is in `rates`. Trying again what failed is
`retry`'s: a request that a provider does not take for the moment has not failed, and waits here without spending.
"""

from __future__ import annotations

import math
import random
from bisect import insort
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field

import anyio
from anyio.lowlevel import RunVar

from weft.runtime.agents.rates import KINDS, LONGEST_TOLD, Bucket, Kind, Window, told_by
from weft.runtime.agents.retry import backoff
from weft.runtime.clock import Clock, RealClock
from weft.runtime.pause import Pause
from weft.runtime.project.config import ModelConfig
from weft.runtime.request import AgentError
from weft.runtime.working import waiting

__all__ = ["Demand", "Limit", "Permit", "SharedLimits", "Ticket", "hear", "limits_for", "sending"]

FIRST_OUTPUT = 1_024
"""Tokens that a request is taken to put out before any has."""

BYTES_PER_TOKEN = 4
"""Of text, before the provider has counted any."""

LEARNING = 1 / 16
"""Weight of the newest request in what the next one is taken to use."""

SHORTEST_TOLD = 1.0
"""Seconds; a provider that names a time below that is taken to have named none, or it could refuse at full speed."""

MOMENT = 1e-6
"""Seconds that are not worth waiting for; whoever has slept until a time may be that much before it."""

HOPELESS_AFTER = 3600.0
"""Seconds of nothing but refusals, none of which names a time, after which the run is paused."""

Amounts = dict[Kind, float]


@dataclass(frozen=True, slots=True)
class Demand:
    """What one request may be taken to use."""

    size: int
    """In bytes."""
    amounts: Amounts


@dataclass(slots=True, eq=False)
class Ticket:
    """The place of one request in the line, which it keeps however often it is refused."""

    number: int
    jitter: random.Random
    refusals: int = 0
    not_before: float = 0.0
    since: float | None = None
    """When it first had to wait."""
    said: str | None = None
    """What the provider said when it refused it last."""


@dataclass(slots=True, eq=False)
class Permit:
    """Leave to send one request now. Whoever has it says what became of the request, and gives it back at the end."""

    limit: Limit
    ticket: Ticket
    demand: Demand
    number: int
    """In the order of sending, from 1."""
    open: Amounts
    """What was taken for it by estimate, and is not known better yet."""
    counted: set[Kind] = field(default_factory=set)
    """What the provider has counted itself by now, up to the output that is still to come."""

    def settle(self, input_tokens: int, output_tokens: int) -> None:
        """Say that the request was answered, and what it used."""
        self.limit.settled(self, input_tokens, output_tokens)

    def refuse(self, wait: float | None, *, limited: bool, said: str | None = None) -> None:
        """Say that the provider did not take the request.

        Args:
            wait: Seconds until which it will not take it, where it says so.
            limited: Whether a limit was reached, rather than the provider being overloaded.
            said: What it said of that.

        Raises:
            Pause: it has taken nothing for too long.
        """
        self.ticket.said = said
        self.limit.refused(self, wait, limited=limited)

    def leave(self, *, unused: bool = False) -> None:
        """Give the permit back; without another word before, the request is taken to have cost what was estimated.

        Args:
            unused: It never ran, so it has cost nothing.
        """
        if unused:
            self.limit.give_back(self)
        self.limit.left(self)


@dataclass(order=True, slots=True)
class _Place:
    number: int
    news: anyio.Event = field(compare=False)


class Limit:
    """What one provider takes of one model from one account; first come, first served."""

    def __init__(self, name: str, clock: Clock, config: ModelConfig) -> None:
        self.name = name
        self.window = Window(config.concurrency)
        self.buckets: dict[Kind, Bucket] = {
            "requests": Bucket(config.requests_per_minute),
            "tokens": Bucket(None),
            "input_tokens": Bucket(config.input_tokens_per_minute),
            "output_tokens": Bucket(config.output_tokens_per_minute),
        }
        self._clock = clock
        self._line: list[_Place] = []
        self._flying: dict[int, Permit] = {}
        self._tickets = 0
        self._sent = 0
        self._heard = 0
        """Number of the latest request whose response was heard: what older ones say is out of date."""
        self._closed_until = 0.0
        self._refusing_since: float | None = None
        self._tokens_per_byte = 1 / BYTES_PER_TOKEN
        self._mean_output: float | None = None

    @property
    def in_flight(self) -> int:
        """Return how many requests are under way."""
        return len(self._flying)

    @property
    def waiting(self) -> int:
        """Return how many requests stand in line."""
        return len(self._line)

    def room(self) -> bool:
        """Whether one more request would probably be sent at once."""
        return not self._line and len(self._flying) < self.window.size

    def widen(self, most: int) -> None:
        """Let so many requests be under way from here on, or fewer where it takes no more."""
        self.window.hold(most)
        self._call_next()

    def ticket(self, seed: str) -> Ticket:
        """Return a place in line for one request; what is random about its waits follows from the seed."""
        self._tickets += 1
        return Ticket(self._tickets, random.Random(seed))

    def demand(self, size: int, most_output: int) -> Demand:
        """Return what a request of so many bytes may be taken to use, going by those before it."""
        output = FIRST_OUTPUT if self._mean_output is None else self._mean_output
        return Demand(size, _amounts(math.ceil(size * self._tokens_per_byte), min(output, most_output)))

    # -------------------------------------------------------------------------------------------- in line

    def try_enter(self, ticket: Ticket, demand: Demand) -> Permit | None:
        """Return a permit if there is one now and nobody else is next."""
        if self._delay(ticket, demand):
            return None
        self._sent += 1
        for kind, amount in demand.amounts.items():
            self.buckets[kind].take(amount, self._clock.now())
        permit = Permit(self, ticket, demand, self._sent, dict(demand.amounts))
        self._flying[permit.number] = permit
        return permit

    async def enter(self, ticket: Ticket, demand: Demand, patience: float | None = None) -> Permit:
        """Wait for a permit.

        Args:
            ticket: The place in line.
            demand: What the request will take.
            patience: Seconds that it may be kept waiting, all its refusals together; `None` for any time.

        Raises:
            AgentError: it would have to wait longer than that.
        """
        permit = self.try_enter(ticket, demand)
        if permit is not None:
            return permit
        seconds = self._shut(demand, ticket.not_before) or None  # more, if others are in the way
        left = self._left(ticket, patience)
        if left is None or (seconds or 0.0) <= left:
            permit = await self._held(ticket, demand, seconds, left)
            if permit is not None:
                return permit
        raise AgentError(
            "rate_limit", f"{self.name} takes no more requests for {max(seconds or 0, patience or 0):.0f} s"
        )

    def _left(self, ticket: Ticket, patience: float | None) -> float | None:
        if ticket.since is None:
            ticket.since = self._clock.now()
        return None if patience is None else ticket.since + patience - self._clock.now()

    async def _held(self, ticket: Ticket, demand: Demand, seconds: float | None, left: float | None) -> Permit | None:
        permit = None
        try:
            # The patience ends inside: whoever goes on without a permit needs its slot and its deadline back as well.
            async with waiting("limit", self._why(ticket, demand), seconds):
                with nullcontext() if left is None else self._clock.timeout(left):
                    permit = await self._in_line(ticket, demand)
        except BaseException:  # cancelled while it was given its slot back: nobody will send what it has leave for
            if permit is not None:
                permit.leave(unused=True)
            raise
        return permit

    def _why(self, ticket: Ticket, demand: Demand) -> str:
        """Say what a request waits for: the provider's word, a limit, or others before it."""
        if ticket.said is not None:
            return ticket.said
        if not self._shut(demand, ticket.not_before) and len(self._flying) >= self.window.size:
            return f"{self.name} is asked {self.window.why}"
        return f"rate limit of {self.name}"

    async def _in_line(self, ticket: Ticket, demand: Demand) -> Permit:
        await self._clock.sleep(max(0.0, ticket.not_before - self._clock.now()))
        place = _Place(ticket.number, anyio.Event())
        insort(self._line, place)
        try:
            while (permit := self.try_enter(ticket, demand)) is None:
                place.news = anyio.Event()
                delay = self._delay(ticket, demand)
                with nullcontext() if delay == math.inf else self._clock.timeout(delay):
                    await self._clock.wait(place.news)
            return permit
        finally:
            self._line.remove(place)
            self._call_next()

    def _delay(self, ticket: Ticket, demand: Demand) -> float:
        """Return the seconds until a request may leave; infinite where that is for others to decide."""
        if self._line and self._line[0].number < ticket.number:
            return math.inf
        if len(self._flying) >= self.window.size:
            return math.inf
        return self._shut(demand, ticket.not_before)

    def _shut(self, demand: Demand, not_before: float = 0.0) -> float:
        """Return the seconds for which nothing of the kind may leave, whoever else wants to."""
        now = self._clock.now()
        waits = (self.buckets[kind].wait(amount, now) for kind, amount in demand.amounts.items())
        longest = max(not_before - now, self._closed_until - now, *waits)
        return longest if longest > MOMENT else 0.0

    def _call_next(self) -> None:
        if self._line:
            self._clock.wake(self._line[0].news)

    # -------------------------------------------------------------------------------------------- what came of it

    def heard(self, permit: Permit, headers: Mapping[str, str]) -> None:
        """Take in what a response says of the limits."""
        if permit.number < self._heard:
            return
        self._heard = permit.number
        for kind, told in told_by(headers).items():
            before, permit.open[kind] = permit.open[kind], _to_come(kind, permit.demand.amounts)
            pending = sum(other.open[kind] for other in self._flying.values())
            if self.buckets[kind].learn(told, pending, self._clock.now()):
                permit.counted.add(kind)
            else:
                permit.open[kind] = before
        self._call_next()

    def settled(self, permit: Permit, input_tokens: int, output_tokens: int) -> None:
        """Replace what was estimated by what was used, and estimate better from now on."""
        used = _amounts(input_tokens, output_tokens)
        for kind, bucket in self.buckets.items():
            due = _to_come(kind, used) if kind in permit.counted else used[kind]
            bucket.take(due - permit.open[kind], self._clock.now())
        permit.open = dict.fromkeys(KINDS, 0.0)
        self._refusing_since = None
        self.window.took(saturated=len(self._flying) >= self.window.size)
        self._tokens_per_byte += (input_tokens / permit.demand.size - self._tokens_per_byte) * LEARNING
        mean = output_tokens if self._mean_output is None else self._mean_output
        self._mean_output = mean + (output_tokens - mean) * LEARNING

    def refused(self, permit: Permit, wait: float | None, *, limited: bool) -> None:
        """Keep the request, and where it is not its own fault alone all others, from being sent for a while."""
        now, ticket = self._clock.now(), permit.ticket
        self.give_back(permit)
        self.window.refused(permit.number, self._sent)
        ticket.refusals += 1
        if wait is not None and SHORTEST_TOLD <= wait <= LONGEST_TOLD:
            self._refusing_since = None
            ticket.not_before = now + wait
            if limited and (self._shut(permit.demand) or all(bucket.limit is None for bucket in self.buckets.values())):
                self._closed_until = max(self._closed_until, now + wait)
            return
        ticket.not_before = now + backoff(ticket.refusals, ticket.jitter)
        self._refusing_since = now if self._refusing_since is None else self._refusing_since
        if now - self._refusing_since >= HOPELESS_AFTER:
            minutes = (now - self._refusing_since) / 60
            raise Pause("provider", f"{self.name} has taken no request for {minutes:.0f} minutes; try again later")

    def give_back(self, permit: Permit) -> None:
        """Put back what was taken for a request that did not run."""
        for kind, amount in permit.open.items():
            self.buckets[kind].take(-amount, self._clock.now())
        permit.open = dict.fromkeys(KINDS, 0.0)

    def left(self, permit: Permit) -> None:
        """Make room in the window."""
        if self._flying.pop(permit.number, None) is not None:
            self._call_next()


def _amounts(input_tokens: float, output_tokens: float) -> Amounts:
    return {
        "requests": 1,
        "tokens": input_tokens + output_tokens,
        "input_tokens": input_tokens,
        "output_tokens": output_tokens,
    }


def _to_come(kind: Kind, amounts: Amounts) -> float:
    """Return what a provider counts only after it has begun to answer."""
    return 0.0 if kind in ("requests", "input_tokens") else amounts["output_tokens"]


# ------------------------------------------------------------------------------------------------ all of them


class SharedLimits:
    """The limits of all models and accounts that are used together."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._limits: dict[tuple[str, str], Limit] = {}

    def of(self, model: str, account: str, config: ModelConfig) -> Limit:
        """Return the limit of a model; what is configured counts where nobody has asked for it before.

        Args:
            model: As `provider:model`.
            account: Tells two credentials apart, without being one.
            config: What is configured for the model.
        """
        if (model, account) not in self._limits:
            self._limits[model, account] = Limit(model, self._clock, config)
        return self._limits[model, account]


_shared: RunVar[SharedLimits] = RunVar("limits")


def limits_for(clock: Clock) -> SharedLimits:
    """Return the limits that all runs of this event loop share. Where time is virtual, a run has its own."""
    if not isinstance(clock, RealClock):
        return SharedLimits(clock)
    limits = _shared.get(None)
    if limits is None:
        limits = SharedLimits(clock)
        _shared.set(limits)
    return limits


_sending: ContextVar[Permit | None] = ContextVar("sending", default=None)


@contextmanager
def sending(permit: Permit) -> Iterator[None]:
    """Let the responses that come in the block be heard as those to the request of this permit."""
    token = _sending.set(permit)
    try:
        yield
    finally:
        _sending.reset(token)


def hear(headers: Mapping[str, str]) -> None:
    """Take in the headers of a response, of whichever request is being sent here."""
    permit = _sending.get()
    if permit is not None:
        permit.limit.heard(permit, headers)
