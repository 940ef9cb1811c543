"""Why nothing limits an amount, in words for people and for the rules that tell of it."""

from __future__ import annotations

from typing import Literal

from weft.linter.record import record

__all__ = ["Kind", "Reason"]

Kind = Literal[
    "schema",  # an agent's list, or number, has no cap
    "loop",  # a loop has no proof of an end
    "recursion",  # a function calls itself and nothing limits the depth
    "iterator",  # something is walked that has no end
    "agents",  # an agent may ask as many others as it wants
    "condition",  # a condition decides, which is looked into elsewhere
    "unknown",  # it is not followed
    "told",  # it is not followed because it is wrong, which is told where it is
]


@record()
class Reason:
    """Why no number holds."""

    line: int
    why: str
    fix: str
    kind: Kind
    what: str = ""
    """What has no number, as a factor in a formula."""
