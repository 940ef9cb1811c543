"""What is known about work that was lost: the value that stands for a failure in scripts, journal and result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["NOTHING_SPENT", "Cause", "Lost", "Spent"]

Cause = Literal[
    "timeout",  # no answer within its time limit
    "rate_limit",  # the provider kept refusing because of load
    "provider",  # the provider failed or could not be reached
    "refused",  # the model declined to answer
    "invalid",  # no answer fitted the schema, also after re-asking
    "truncated",  # the answer was cut at the agent's output limit
    "overflow",  # the prompt and what the agent read did not fit the model's context
    "crashed",  # the code behind the agent raised an error of its own
    "raised",  # the branch of the script itself raised an error
    "stopped",  # a person or a limit of the run stopped it
]


@dataclass(frozen=True, slots=True)
class Spent:
    """What work has cost so far: tokens, and US dollars at list price."""

    input_tokens: int = 0
    output_tokens: int = 0
    usd: float = 0.0
    cache_read_tokens: int = 0
    """Of the input, what the provider had kept from an earlier request."""
    cache_write_tokens: int = 0
    """Of the input, what it has kept for later ones."""
    reasoning_tokens: int = 0
    """Of the output, what was thought, where the provider tells."""
    untold: int = 0
    """How often something was paid for besides of which nobody has said what it cost."""
    disputed: int = 0
    """Tokens that providers say were used besides, beyond the most that the requests can have used."""

    @property
    def tokens(self) -> int:
        """Input and output tokens together."""
        return self.input_tokens + self.output_tokens

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON data: what was kept, thought, never told and disputed, only where something was."""
        kinds = ("cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "untold", "disputed")
        return {
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            **{kind: number for kind in kinds if (number := getattr(self, kind))},
            "usd": self.usd,
        }

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.usd + other.usd,
            self.cache_read_tokens + other.cache_read_tokens,
            self.cache_write_tokens + other.cache_write_tokens,
            self.reasoning_tokens + other.reasoning_tokens,
            self.untold + other.untold,
            self.disputed + other.disputed,
        )

    def __sub__(self, other: Spent) -> Spent:
        return Spent(
            self.input_tokens - other.input_tokens,
            self.output_tokens - other.output_tokens,
            self.usd - other.usd,
            self.cache_read_tokens - other.cache_read_tokens,
            self.cache_write_tokens - other.cache_write_tokens,
            self.reasoning_tokens - other.reasoning_tokens,
            self.untold - other.untold,
            self.disputed - other.disputed,
        )


NOTHING_SPENT = Spent()
"""What costs nothing has cost; shared by all that did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """An agent or branch that failed for good. In the harness its value is `None`; this says why."""

    cause: Cause
    message: str
    """One sentence for a person."""
    index: int | None = None
    """Which branch or item of the fan-out it was; `None` for an agent that was awaited directly."""
    attempts: int = 1
    """How often it was tried."""
    spent: Spent = NOTHING_SPENT
    """What the attempts cost."""
    partial: Any = None
    """What there was of an answer, as the agent gave it."""
