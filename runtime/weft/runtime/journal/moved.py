"""The event of money that requests set aside and spend. All others: `events`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

from weft.primitives.lost import Spent

__all__ = ["MoneyMoved", "Reserved", "Settled"]


class Reserved(NamedTuple):
    """The most that one request to a model may cost. In a journal it is a list: there is one for every request."""

    number: int
    """Of the reservation, among those of the execution."""
    agent: int
    tokens: int
    """Input and output together."""
    usd: float


class Settled(NamedTuple):
    """What a request has cost for which so much was reserved."""

    number: int
    agent: int
    spent: Spent


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyMoved:
    """Requests are about to leave, and what they may cost is set aside; or their cost is known.

    What is reserved is durable before the request leaves. Of an agent that has ended nothing need be settled: it says
    itself what it has cost.
    """

    type: ClassVar[str] = "money_moved"
    reserved: tuple[Reserved, ...] = ()
    settled: tuple[Settled, ...] = ()
    models: Mapping[int, str] = field(default_factory=dict)
    """By the numbers of reservations, who is asked, where that is another model than the call names."""
