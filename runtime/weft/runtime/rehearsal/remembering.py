"""What simulated agents remember for others: those that may, a fact each, under the key that a harness then asks for.

Nobody but the harness recalls anything in a rehearsal, so a fact needs no key before that: it has one that its agent's
prompt names, and where none does, one that fits what is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from weft.primitives.calls import ToolCall
from weft.runtime.rehearsal.manner import Site
from weft.runtime.tools.facts import MAX_KEY

__all__ = ["FACT", "RECALL", "REMEMBER", "Memory", "Remembered"]

REMEMBER, RECALL = "remember", "recall"
"""The tools by which that is done."""

FACT = ("fact",)
"""The leaf of what an agent remembers, see `Leaf.path`."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What one agent has told all others."""

    number: int
    """The agent's."""
    site: Site
    asked: str
    """What it was asked."""
    names: tuple[str, ...]
    """What that names."""
    value: str


class Memory:
    """All facts of one run."""

    def __init__(self) -> None:
        self.told: dict[int, Remembered] = {}
        """By the number of the agent: one that is asked again says it again."""

    def give(self, call: ToolCall) -> list[dict[str, Any]] | None:
        """Return what the harness recalls; `None` where nobody has remembered anything, or it is no such call."""
        if call.name != RECALL or not self.told:
            return None
        known: dict[str, dict[str, Any]] = {}
        for one, keys in self._keyed(call.arguments):
            for key in keys:
                version = known[key]["version"] + 1 if key in known else 1
                known[key] = {"key": key[:MAX_KEY], "value": one.value, "version": version}
        return [known[key] for key in sorted(known)]

    def _keyed(self, wanted: Mapping[str, Any]) -> list[tuple[Remembered, list[str]]]:
        """Return who has remembered something of what is asked for, and under which keys."""
        begins = str(wanted.get("key") or wanted.get("prefix") or "")
        told = [self.told[number] for number in sorted(self.told)]  # not by who was first: that is nobody's doing
        meant = [one for one in told if begins in one.asked] or told
        if "key" in wanted:
            return [(one, [begins]) for one in meant]
        return [(one, _named(one, begins) or [f"{begins or 'fact/'}{one.number}"]) for one in meant]


def _named(one: Remembered, begins: str) -> list[str]:
    """Return the keys that a prompt names which begin so; where all may, what looks like a key."""
    return [name for name in one.names if (name.startswith(begins) and name != begins if begins else "/" in name)]
