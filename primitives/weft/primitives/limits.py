"""The numbers of the language: how much a harness may be, start and ask for; what the defaults of primitives are.

The names that it may use are in `language`; what a call of each primitive costs, in `costs`.
"""

from __future__ import annotations

__all__ = [
    "DEFAULT_FAN_IN",
    "DEFAULT_LENSES",
    "DEFAULT_LIKENESS",
    "ENTRY",
    "LANGUAGE",
    "MAX_AGENTS",
    "MAX_CHARACTERS",
    "MAX_FANOUT",
    "MAX_NESTING",
    "MAX_SOURCE_BYTES",
    "MAX_TEXTS",
    "MAX_WORKFLOW_DEPTH",
]

LANGUAGE = 2
"""The version of the language. It is raised, and the journal's version with it, when a harness that ran before would
come to something else; what its names meant until then is kept in `earlier`, for the runs that began with it."""

ENTRY = "main"
"""The function a run calls, with the arguments as its only parameter."""

MAX_SOURCE_BYTES = 512 * 1024
"""The largest harness, in UTF-8 bytes."""

MAX_AGENTS = 1000
"""The backstop: how many agents a run may start unless it is told otherwise."""

MAX_FANOUT = 4096
"""The most branches or items of one fan-out."""

MAX_TEXTS = 100_000
"""The most items that `semantic_dedup` compares."""

MAX_CHARACTERS = 1_000_000
"""What one answer, or the arguments of a harness, may hold; a larger answer is a fault of that agent alone."""

MAX_NESTING = 200
"""How deep the syntax of a harness may be nested: what every walk over it can follow without running out of stack."""

MAX_WORKFLOW_DEPTH = 3
"""How deep saved harnesses may call saved harnesses."""

DEFAULT_FAN_IN = 8
"""How many items one agent of `synthesize` merges."""

DEFAULT_LIKENESS = 0.85
"""How sure it must be that two texts say the same for `semantic_dedup` to merge them."""

DEFAULT_LENSES = (
    "the evidence: does the cited source really say it, in these words",
    "the opposite: is there a source that says otherwise",
    "the limits: does it hold as generally as it is put",
)
"""From which sides `verify` attacks a claim when the harness names none."""
