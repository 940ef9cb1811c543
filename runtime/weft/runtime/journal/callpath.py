"""Reading call paths: in which branch of which fan-out, and in which saved harness. The sandbox's loop writes them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = ["Home", "Homes", "Step", "askers", "owner", "steps"]

_STEP = re.compile(r"/\d{1,6}\.(\d{1,6})")
_ASKED = re.compile(r"/a(\d{1,9})\.")


class Step(NamedTuple):
    """One branch on the way to a call."""

    fan_out: str
    """The path of the fan-out."""
    branch: int


def steps(path: str) -> list[Step]:
    """Return the branches that a call stands in, outermost first.

    `/0.3@1/2.5` is branch 5 of fan-out `/0.3@1/2`, which is in stage 1 of item 3 of fan-out `/0`.
    """
    return [Step(path[: found.start(1) - 1], int(found[1])) for found in _STEP.finditer(path)]


def askers(path: str) -> list[int]:
    """Return the agents below which a call stands, outermost first: `/0.3/a17.2` is the third that agent 17 has made.

    What stands below none is a call of the harness itself.
    """
    return [int(number) for number in _ASKED.findall(path)] if "/a" in path else []


def owner(fan_out: str) -> str:
    """Return the call path on which a fan-out began."""
    return fan_out.rpartition("/")[0]


class Home(NamedTuple):
    """One execution of a saved harness."""

    path: str
    """Its call path, with which those of all its calls begin."""
    name: str


@dataclass(slots=True)
class Homes:
    """Tells in which saved harnesses a call stands: each is a branch, of no fan-out that anybody was told of."""

    _fan_outs: set[str] = field(default_factory=set)
    _called: dict[str, str] = field(default_factory=dict)
    """The saved harness that was called last on each path; a task is in one at a time."""

    def fan_out_began(self, path: str) -> None:
        """Take note of a fan-out."""
        self._fan_outs.add(path)

    def workflow_called(self, path: str, name: str) -> None:
        """Take note of the call of a saved harness."""
        self._called[path] = name

    def of(self, path: str) -> list[Home]:
        """Return the saved harnesses around what stands on this path now, outermost first."""
        if not self._called:
            return []
        around = (step for step in steps(path) if step.fan_out not in self._fan_outs)
        return [
            Home(f"{step.fan_out}.{step.branch}", self._called[owner(step.fan_out)])
            for step in around
            if owner(step.fan_out) in self._called
        ]

    def names(self, path: str) -> tuple[str, ...]:
        """Return the names of these."""
        return tuple(home.name for home in self.of(path))
