"""What agents have cost and may have cost by the journal alone: reserved before a request left, settled after.

An agent says itself what it has cost when it ends. This is about those that never came to that, as in a run that was
killed. Whether a request may leave at all is `money`'s business.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from weft.primitives.lost import NOTHING_SPENT, Spent
from weft.runtime.journal.events import MoneyMoved, ToolBegan

__all__ = ["NONE_UNSETTLED", "Account", "Accounts", "Unsettled"]


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Requests that were in flight when the run was killed: what became of them nobody knows, so the most counts."""

    requests: int = 0
    spent: Spent = NOTHING_SPENT
    """The most that they can have cost; tokens of input and output together, as input."""

    def __add__(self, other: Unsettled) -> Unsettled:
        return Unsettled(self.requests + other.requests, self.spent + other.spent)

    def __str__(self) -> str:
        """Say what it comes to, in words."""
        return f"${self.spent.usd:.4f} ({self.spent.tokens:,} tokens) at most from {self.text}"

    @property
    def text(self) -> str:
        """Return which requests they are, in words."""
        return f"{self.requests} request{'s' * (self.requests != 1)} in flight when the run was killed"


NONE_UNSETTLED = Unsettled()


@dataclass(slots=True)
class Account:
    """What is known of one agent that has not ended."""

    booked: dict[str, Spent] = field(default_factory=dict)
    """What its requests have cost that came to an end, by model; under no name by the one that its call names."""
    in_flight: dict[int, Spent] = field(default_factory=dict)
    """The most that each of the others may cost, by its number."""
    models: dict[int, str] = field(default_factory=dict)
    """Who is asked by those of them that are sent to another model than the call names."""

    untold: int = 0
    """How many programs it has had executed that are paid for by themselves."""

    @property
    def settled(self) -> Spent:
        """Return what its requests have cost that came to an end."""
        return sum(self.booked.values(), NOTHING_SPENT)

    def settle(self, number: int, spent: Spent) -> None:
        """Take note of what a request has cost, if it was in flight."""
        model = self.models.pop(number, "")
        if self.in_flight.pop(number, None) is not None:
            self.booked[model] = self.booked.get(model, NOTHING_SPENT) + spent

    @property
    def unsettled(self) -> Unsettled:
        """Return the requests whose end is not known."""
        return Unsettled(len(self.in_flight), sum(self.in_flight.values(), Spent()))

    @property
    def most(self) -> Spent:
        """Return the most that the agent can have cost so far."""
        return sum(self.by_model.values(), Spent())

    @property
    def by_model(self) -> dict[str, Spent]:
        """Return that by the models that were asked; under no name what the call names."""
        sums = dict(self.booked)
        unknown = [(self.models.get(number, ""), most) for number, most in self.in_flight.items()]
        for model, most in (*unknown, *([("", Spent(untold=self.untold))] if self.untold else [])):
            sums[model] = sums.get(model, NOTHING_SPENT) + most
        return sums


@dataclass(slots=True)
class Accounts:
    """The accounts of all agents of one execution that have asked a model and not ended."""

    open: dict[int, Account] = field(default_factory=dict)
    """By the number of the agent."""

    def moved(self, event: MoneyMoved) -> None:
        """Take in what was reserved and settled. What is settled of an agent that has ended is known from itself."""
        for reserved in event.reserved:
            account = self.open.setdefault(reserved.agent, Account())
            account.in_flight[reserved.number] = Spent(reserved.tokens, 0, reserved.usd)
            if reserved.number in event.models:
                account.models[reserved.number] = event.models[reserved.number]
        for settled in event.settled:
            if settled.agent in self.open:
                self.open[settled.agent].settle(settled.number, settled.spent)

    def began(self, event: ToolBegan) -> None:
        """Take note of what an agent does that is paid for by itself."""
        if event.costs:
            self.open.setdefault(event.id, Account()).untold += 1

    def ended(self, agent: int) -> None:
        """Take note that an agent has ended, and said what it has cost."""
        self.open.pop(agent, None)

    def written_off(self) -> dict[int, Account]:
        """Close all accounts, as of agents that will never say what they have cost, and return them."""
        closed, self.open = self.open, {}
        return closed
