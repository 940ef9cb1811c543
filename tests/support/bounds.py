"""The bound of a harness alone: the rules take a third of the time, and what they find is not looked at."""

from __future__ import annotations

import sys
from unittest.mock import patch

from weft.linter import Bound, lint

__all__ = ["bound_of"]


def bound_of(source: str) -> Bound:
    """Return how many agents a harness may start, asking no rule."""
    with patch.object(sys.modules["weft.linter.lint"], "RULES", ()):
        return lint(source).bound
