"""Reading call paths: which branch of which fan-out a call stands in. The loop of the sandbox writes them."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Step", "owner", "steps"]

_STEP = re.compile(r"/\d{1,6}\.(\d{1,6})")


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


def owner(fan_out: str) -> str:
    """Return the call path on which a fan-out began."""
    return fan_out.rpartition("/")[0]
