"""What `weft.primitives` offers to a harness, and in which version of the language."""

from __future__ import annotations

import weft.primitives
from weft.primitives.earlier import EARLIER
from weft.primitives.limits import LANGUAGE

__all__ = ["TYPES", "VOCABULARY", "vocabulary"]

TYPES = (
    "AgentFailed",
    "Distinct",
    "Lost",
    "NotJson",
    "OutsideRun",
    "Ranking",
    "Results",
    "Round",
    "RoundNotReported",
    "WeftError",
    "WorkflowRefused",
)
"""Errors to catch and types to annotate with; they come with the vocabulary."""

VOCABULARY = tuple(name for name in weft.primitives.__all__ if name not in TYPES)
"""What `from weft.primitives import …` offers to do something with."""


def vocabulary(language: int = LANGUAGE) -> dict[str, object]:
    """Return what the names of a version of the language mean: those of today, and what it said otherwise.

    A run keeps the version that it began with, through every resume and replay and in all saved harnesses it calls.
    """
    names = {name: getattr(weft.primitives, name) for name in (*VOCABULARY, *TYPES)}
    for version in range(LANGUAGE - 1, language - 1, -1):  # the nearest first: older ones may have changed the same
        names |= EARLIER.get(version, {})
    return names
