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
    "critique": "await agent(…) with all items in the prompt",
    "debate": "agents in a loop of a fixed number of rounds",
    "judge": "agents in one parallel that rank the candidates, then top_k",
    "reflect": "a loop of draft and critique with a fixed number of rounds",
    "route": "a dict of functions",
    "semantic_dedup": "dedup(items, key=…) with a key of identifiers",
    "swarm": "agents in one parallel for each round",
}
"""Names of the language that this version does not offer, and what to write until it does."""
