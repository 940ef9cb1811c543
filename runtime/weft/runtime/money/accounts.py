"""What each agent of an execution has cost, by the model that was asked. What it may cost is `budget`."""

from __future__ import annotations

from collections import Counter

from weft.primitives.lost import NOTHING_SPENT, Spent

__all__ = ["Accounts"]


class Accounts:
    """An account for each agent, and for each other call that asks a model."""

    def __init__(self) -> None:
        self._spent: dict[int, dict[str, Spent]] = {}
        """Under no name by the model that its call names."""
        self._named: dict[int, str] = {}
        """The model that each call names."""
        self._asked: dict[int, str] = {}
        """The one that is asked in its place."""
        self.attempts: Counter[int] = Counter()
        """How often each was tried."""

    def called(self, number: int, model: str) -> None:
        """Take note of a call that names a model."""
        self._named[number] = model

    def asks(self, number: int, model: str) -> None:
        """Take note of whom a call asks from here on."""
        self._asked[number] = "" if model == self._named.get(number) else model

    def asked(self, number: int) -> str:
        """Return whom a call asks now, where that is another model than it names."""
        return self._asked.get(number, "")

    def count(self, number: int, spent: Spent) -> None:
        """Count a cost under the model that is asked now."""
        account, model = self._spent.setdefault(number, {}), self.asked(number)
        account[model] = account.get(model, NOTHING_SPENT) + spent

    def of(self, number: int) -> Spent:
        """Return what one has cost over all its attempts."""
        return sum(self._spent.get(number, {}).values(), NOTHING_SPENT)

    def by_model(self, number: int, answered_by: str | None = None) -> dict[str, Spent]:
        """Return that by the models that were asked; nothing where it was the one alone that it is booked under anyway.

        Args:
            number: Of the call.
            answered_by: Who answered, where that is another model than the call names.
        """
        named = self._named.get(number, "")
        found = {model or named: spent for model, spent in self._spent.get(number, {}).items()}
        return {} if found.keys() <= {answered_by or named} else found
