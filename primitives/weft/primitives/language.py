"""The language as tables: what linter and sandbox must agree on. Nothing here runs; the semantics are next door."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Literal

__all__ = [
    "AGENTS_STARTED",
    "BUILTINS",
    "DEFAULT_FAN_IN",
    "DEFAULT_LENSES",
    "ENTRY",
    "MAX_AGENTS",
    "MAX_FANOUT",
    "MAX_SOURCE_BYTES",
    "MAX_WORKFLOW_DEPTH",
    "METHODS",
    "MODULES",
    "TYPES",
    "VOCABULARY",
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

VOCABULARY = (
    "Seen",
    "agent",
    "args",
    "budget",
    "dedup",
    "finding",
    "log",
    "now",
    "parallel",
    "phase",
    "pipeline",
    "quorum",
    "sample",
    "synthesize",
    "top_k",
    "union",
    "until_dry",
    "until_target",
    "verify",
    "while_budget",
    "workflow",
)
"""What `from weft.primitives import …` offers to a harness; inside a run the names are there without it."""

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

MODULES = (
    "abc",
    "bisect",
    "collections",
    "collections.abc",
    "copy",
    "dataclasses",
    "enum",
    "functools",
    "heapq",
    "itertools",
    "json",
    "math",
    "operator",
    "re",
    "statistics",
    "string",
    "textwrap",
    "typing",
)
"""The pure modules a harness may import besides `weft.primitives`; `from __future__ import annotations` is accepted."""

BUILTINS = frozenset(
    """
    abs all any ascii bin bool bytes callable chr classmethod complex dict divmod enumerate filter float format
    frozenset getattr hasattr hex int isinstance issubclass iter len list map max min next object oct ord pow
    property range repr reversed round set setattr slice sorted staticmethod str sum super tuple type zip False None
    True Ellipsis NotImplemented ArithmeticError AssertionError AttributeError Exception FloatingPointError
    IndexError KeyError LookupError NameError NotImplementedError OverflowError RecursionError RuntimeError
    StopAsyncIteration StopIteration TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError
    ValueError ZeroDivisionError TimeoutError MemoryError
    """.split()
)
"""The built-in names a harness may use. `type` takes one argument; `getattr` and `setattr` keep the attribute rules."""

METHODS = frozenset(
    f"__{name}__"
    for name in """
    init post_init repr str bytes format hash bool len length_hint call eq ne lt le gt ge contains iter next
    reversed getitem setitem delitem missing enter exit abs neg pos invert int float complex index round trunc floor
    ceil add sub mul matmul truediv floordiv mod divmod pow and or xor lshift rshift radd rsub rmul rmatmul rtruediv
    rfloordiv rmod rdivmod rpow rand ror rxor rlshift rrshift iadd isub imul imatmul itruediv ifloordiv imod ipow
    iand ior ixor ilshift irshift
    """.split()
)
"""The double-underscore methods a class of the harness may define."""


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
