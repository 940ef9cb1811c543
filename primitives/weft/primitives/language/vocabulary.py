"""What `weft.primitives` offers to a harness, taken from the package itself, and what it will offer."""

from __future__ import annotations

from collections.abc import Mapping

import weft.primitives

__all__ = ["PLANNED", "TYPES", "VOCABULARY"]

TYPES = (
    "AgentFailed",
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

PLANNED: Mapping[str, str] = {
    "ask": "a decision by a person; until then put the decision into args",
    "semantic_dedup": "dedup(items, key=…) with a key of identifiers",
    "tool": "an agent with tools=[…]",
}
"""Names of the language that this version does not offer, and what to write until it does."""
