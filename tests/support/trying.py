"""How much the suite tries of what could be tried without end; `WEFT_MORE=1` tries it all."""

from __future__ import annotations

import os

__all__ = ["MORE", "examples"]

MORE = "WEFT_MORE" in os.environ
"""Whether all is tried that a test could try, for which nobody would wait each time."""


def examples(few: int, *, of: int) -> int:
    """Return how many to try: a few of so many, or all."""
    return of if MORE else few
