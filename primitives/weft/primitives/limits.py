"""The numbers of the language: how much a harness may be, start and ask for, and what each primitive costs in agents.

The names that it may use are in `language`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Literal

__all__ = [
    "AGENTS_STARTED",
    "DEFAULT_FAN_IN",
    "DEFAULT_LENSES",
    "ENTRY",
    "MAX_AGENTS",
    "MAX_FANOUT",
    "MAX_NESTING",
    "MAX_SOURCE_BYTES",
    "MAX_WORKFLOW_DEPTH",
    "AgentsStarted",
    "synthesize_agents",
]

ENTRY = "main"
"""The function a run calls, with the arguments as its only parameter."""

MAX_SOURCE_BYTES = 512 * 1024
"""The largest harness, in UTF-8 bytes."""

MAX_AGENTS = 1000
"""The backstop: how many agents a run may start unless it is told otherwise."""

MAX_FANOUT = 4096
"""The most branches or items of one fan-out."""

MAX_NESTING = 200
"""How deep the syntax of a harness may be nested: what every walk over it can follow without running out of stack."""

MAX_WORKFLOW_DEPTH = 3
"""How deep saved harnesses may call saved harnesses."""

DEFAULT_FAN_IN = 8
"""How many items one agent of `synthesize` merges."""

DEFAULT_LENSES = (
    "the evidence: does the cited source really say it, in these words",
    "the opposite: is there a source that says otherwise",
    "the limits: does it hold as generally as it is put",
)
"""From which sides `verify` attacks a claim when the harness names none."""


@dataclass(frozen=True, slots=True)
class AgentsStarted:
    """How many agents one call of a primitive starts, as a formula that the linter can read."""

    times: Literal["once", "each", "tree"]
    """`once`: 1. `each`: the length of `argument`. `tree`: `synthesize_agents` of the length of `argument`."""
    argument: str | None = None
    default: int | None = None
    """The length where the argument is left out."""


AGENTS_STARTED: dict[str, AgentsStarted] = {
    "agent": AgentsStarted("once"),
    "verify": AgentsStarted("each", "lenses", len(DEFAULT_LENSES)),
    "synthesize": AgentsStarted("tree", "items"),
}
"""Primitives that start agents themselves. Fan-outs cost what their branches cost, `workflow` what the saved
harness costs, everything else nothing."""


def synthesize_agents(items: int, fan_in: int = DEFAULT_FAN_IN) -> int:
    """Return how many agents `synthesize` starts for so many items."""
    agents = 1
    while items > fan_in:
        items = ceil(items / fan_in)
        agents += items
    return agents
