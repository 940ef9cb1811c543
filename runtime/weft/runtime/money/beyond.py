"""Ceilings beyond one run: what all runs of a day, of a project, or of a user may spend together, and how they stand.

They stand under `[budget]` in the project's `weft.toml` and in the user's own, and all of them hold. What is spent and
reserved is in the ledger, see `treasury`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Literal, get_args

from weft.runtime.ceiling import Ceiling
from weft.runtime.money.limits import UNITS, Amount
from weft.runtime.project.config import BudgetConfig

__all__ = ["NO_CEILINGS", "Beyond", "Rule", "Standing", "beyond", "local_now", "of_all_runs"]

Span = Literal["day", "project", "user"]
SPANS: tuple[Span, ...] = get_args(Span)

SAID: Mapping[Span, str] = {
    "day": "all runs of today",
    "project": "all runs of this project",
    "user": "all runs of this user",
}


OF_ALL = ", the ceiling of "


def of_all_runs(message: str) -> bool:
    """Whether it says that a ceiling over many runs was reached: no option of the run raises that."""
    return any(f"{OF_ALL}{said}" in message for said in SAID.values())


def local_now() -> datetime:
    """Return the time of day here."""
    return datetime.now().astimezone()


@dataclass(frozen=True, slots=True)
class Rule:
    """One ceiling over many runs."""

    span: Span
    unit: Literal["usd", "tokens"]
    most: float
    file: str
    """Where it stands."""

    @property
    def name(self) -> str:
        """Return what it is called in the file."""
        return f"{self.span}_{self.unit}"

    @property
    def limit(self) -> Amount:
        """Return the most that may be spent."""
        ceiling = Ceiling(usd=self.most) if self.unit == "usd" else Ceiling(tokens=int(self.most))
        return Amount.limit(ceiling)

    def scope(self, day: str, project: str) -> str:
        """Return the total in the ledger that it is held against."""
        return f"{self.span}:{self._of(day, project)}"

    def where(self, day: str, project: str) -> tuple[str, tuple[str, ...]]:
        """Return the condition in SQL for what counts under it, with its values."""
        return ("1", ()) if self.span == "user" else (f"{self.span} = ?", (self._of(day, project),))

    def _of(self, day: str, project: str) -> str:
        return {"day": day, "project": project, "user": ""}[self.span]


@dataclass(frozen=True, slots=True)
class Standing:
    """How one ceiling over many runs stands."""

    rule: Rule
    spent: Amount
    reserved: Amount
    at: datetime
    cost: Amount = field(default_factory=Amount)
    """What is wanted of it."""

    @property
    def name(self) -> str:
        """Return what the ceiling is called."""
        return self.rule.name

    def wanting(self, cost: Amount) -> Standing:
        """Return it with what is wanted."""
        return replace(self, cost=cost)

    def holds(self, cost: Amount) -> bool:
        """Whether there is room for a cost right now."""
        return cost.fits(self.rule.limit - self.spent - self.reserved)

    @property
    def hopeless(self) -> bool:
        """Whether there is no room for what is wanted even if all in flight turns out to cost nothing."""
        return not self.cost.fits(self.rule.limit - self.spent)

    @property
    def left(self) -> float:
        """Return what is left, in dollars or tokens."""
        left = (self.rule.limit - self.spent - self.reserved).or_nothing()
        return left.units / UNITS if self.rule.unit == "usd" else left.tokens

    @property
    def used(self) -> float:
        """Return what is spent, in dollars or tokens."""
        return self.spent.units / UNITS if self.rule.unit == "usd" else self.spent.tokens

    @property
    def renews(self) -> datetime | None:
        """Return when it begins anew: at the next midnight of this place, or never."""
        if self.rule.span != "day":
            return None
        tomorrow = self.at.date() + timedelta(days=1)
        return datetime.combine(tomorrow, time.min).astimezone() if self.at.tzinfo else None

    @property
    def text(self) -> str:
        """Say why what is wanted does not fit, when that will change, and what can be done."""
        what = f"{self.name} in {self.rule.file}{OF_ALL}{SAID[self.rule.span]}, does not hold it"
        spent = f"{self._amount(self.used)} of {self._amount(self.rule.most)} is spent"
        if self.used < self.rule.most:
            wanted = self.cost.units / UNITS if self.rule.unit == "usd" else self.cost.tokens
            spent += f", the next request may take {self._amount(wanted)}"
        then = f"it begins anew at {self.renews:%Y-%m-%d %H:%M %z}; " if self.renews else ""
        return f"{what}: {spent}; {then}fix: raise {self.name} there, then weft resume"

    @property
    def words(self) -> str:
        """Say what is left, of what, and until when."""
        anew = f", anew from {self.renews:%Y-%m-%d %H:%M %z}" if self.renews else ""
        rest = f"${self.left:.4f}" if self.rule.unit == "usd" else f"{int(self.left):,}"
        left = f"{rest} of {self._amount(self.rule.most)} left for {SAID[self.rule.span]}"
        return f"{left}{anew} ({self.name} in {self.rule.file})"

    def _amount(self, amount: float) -> str:
        return f"${amount:.4f}" if self.rule.unit == "usd" else f"{int(amount):,} tokens"


@dataclass(frozen=True, slots=True)
class Beyond:
    """All ceilings over many runs that hold for one."""

    rules: tuple[Rule, ...] = ()

    @property
    def of_dollars(self) -> Rule | None:
        """Return one in dollars, if there is any."""
        return next((rule for rule in self.rules if rule.unit == "usd"), None)


NO_CEILINGS = Beyond()


def beyond(said: Mapping[str, BudgetConfig]) -> Beyond:
    """Return the ceilings that files say, by the names of these."""
    return Beyond(
        tuple(
            Rule(span, unit, most, file)
            for file, config in said.items()
            for span in SPANS
            for unit in ("usd", "tokens")
            if (most := getattr(config, f"{span}_{unit}")) is not None
        )
    )
