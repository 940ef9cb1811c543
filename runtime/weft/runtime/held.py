"""Which limits hold a run, and whose they are: those of its harness (`BUDGET`), or of the person who starts it.

The lower of two holds. How `BUDGET` is read is `weft.primitives.language.ceilings`; how a run is kept within them, the
business of those who keep it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from weft.primitives.language.ceilings import BUDGET, CeilingUnit
from weft.runtime.ceiling import exact
from weft.runtime.settings import FLAGS, Settings

__all__ = ["Held", "Limited", "limited", "loosened", "whose_text"]


class _Setting(NamedTuple):
    name: str
    """Of the field of `Settings` that is such a limit."""
    times: int
    """How many of its units make one of `BUDGET`."""


SETTINGS: Mapping[CeilingUnit, _Setting] = {
    "usd": _Setting("budget_usd", 1),
    "tokens": _Setting("budget_tokens", 1),
    "agents": _Setting("max_agents", 1),
    "minutes": _Setting("deadline", 60),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A limit that a harness sets itself, beside the person's; both in the unit of the setting."""

    harness: int | float
    person: int | float | None
    """`None` where the person sets none."""

    @property
    def whose(self) -> Literal["harness", "person"]:
        """Return whose limit holds; of equals, the person's."""
        return "harness" if self.person is None or self.harness < self.person else "person"


class Limited(NamedTuple):
    """Settings as they hold for one harness."""

    settings: Settings
    held: Mapping[str, Held]
    """Of each limit that the harness sets, what either side says, by the name of the setting."""


def limited(settings: Settings, ceilings: Mapping[CeilingUnit, float]) -> Limited:
    """Lower a person's settings to what a harness sets itself."""
    held: dict[str, Held] = {}
    for unit, amount in ceilings.items():
        name, times = SETTINGS[unit]
        held[name] = Held(harness=amount * times, person=getattr(settings, name))
    lowered: dict[str, Any] = {name: both.harness for name, both in held.items() if both.whose == "harness"}
    return Limited(replace(settings, **lowered), held)


def loosened(settings: Settings, held: Mapping[str, Held]) -> Settings:
    """Return the person's settings again, of those that were lowered to what a harness sets itself."""
    own: dict[str, Any] = {name: both.person for name, both in held.items()}
    return replace(settings, **own)


def whose_text(held: Mapping[str, Held]) -> list[str]:
    """Say of each limit that a harness sets which amount holds, and whose it is."""
    return [_text(name, both) for name, both in held.items()]


def _text(name: str, both: Held) -> str:
    option, harness = FLAGS[name].name, _amount(name, both.harness)
    if both.person is None:
        return f"at most {harness}: {BUDGET} of the harness ({option} is not given)"
    person = _amount(name, both.person)
    if both.whose == "harness":
        return f"at most {harness}: {BUDGET} of the harness ({option} would be {person})"
    return f"at most {person}: {option} ({BUDGET} of the harness would be {harness})"


def _amount(name: str, amount: float) -> str:
    match name:
        case "budget_usd":
            return f"${exact(amount).normalize():f}"
        case "deadline":
            return f"{amount / 60:g} minutes"
    return f"{amount:,} {'agents' if name == 'max_agents' else 'tokens'}"
