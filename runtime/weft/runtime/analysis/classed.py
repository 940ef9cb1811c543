"""What a run has cost by phase, model and class of tokens.

The dollars of a row are on record. Those of a class are not: they are its tokens at the rates of today for a request
that is not long. To price each request by itself takes two milliseconds, and runs have ten thousands of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Literal, get_args

from weft.primitives.lost import NOTHING_SPENT, Spent
from weft.runtime.journal.agentstate import AgentState, Phase
from weft.runtime.money.prices import MILLION, Price, price_of

if TYPE_CHECKING:
    from weft.runtime.project.config import Config

__all__ = ["CLASSES", "Class", "Classed", "classed"]

Class = Literal["input", "cache_read", "cache_write", "output"]
CLASSES: tuple[Class, ...] = get_args(Class)
"""Input is what was neither read from a cache nor written to one."""


@dataclass(slots=True)
class Classed:
    """What one model has cost for the agents of one phase in this execution; an agent may have asked several."""

    phase: Phase
    model: str
    price: str | None
    """Where the prices of today are from; `None` where the model has none."""
    rates: Mapping[Class, float] | None
    """Dollars for a million tokens, in a request that is not long."""
    agents: int = 0
    spent: Spent = NOTHING_SPENT

    @property
    def tokens(self) -> dict[Class, int]:
        """How many tokens of each class were used."""
        reads, writes = self.spent.cache_read_tokens, self.spent.cache_write_tokens
        plain = max(0, self.spent.input_tokens - reads - writes)
        return {"input": plain, "cache_read": reads, "cache_write": writes, "output": self.spent.output_tokens}

    @property
    def usd(self) -> dict[Class, float] | None:
        """What those of each class cost by the rates; `None` without rates."""
        rates = self.rates
        return None if rates is None else {kind: count * rates[kind] / MILLION for kind, count in self.tokens.items()}


def classed(agents: Iterable[AgentState], config: Config | None = None) -> list[Classed]:
    """Add up what agents have cost that were asked in this execution."""
    rows: dict[tuple[Phase, str], Classed] = {}
    prices: dict[str, Price | None] = {}
    for agent in agents:
        if agent.reused or agent.started_at is None:
            continue
        for model, spent in agent.costs.items():
            if model not in prices:
                prices[model] = price_of(model, config)
            row = rows.get((agent.phase, model))
            if row is None:
                price = prices[model]
                row = rows[agent.phase, model] = Classed(agent.phase, model, _source(price), _rates(price))
            row.agents += 1
            row.spent += spent
    return list(rows.values())


def _rates(price: Price | None) -> dict[Class, float] | None:
    """Return what a million tokens of each class cost, from what each adds to a short request."""
    if price is None:
        return None
    from genai_prices import Usage

    def cost(plain: int, reads: int, writes: int, output: int) -> float:
        kept = {"cache_read_tokens": reads, "cache_write_tokens": writes}
        return price(Usage(input_tokens=plain + reads + writes, output_tokens=output, **kept))

    some = 1_000
    each = (cost(some, 0, 0, 0), cost(0, some, 0, 0), cost(0, 0, some, 0), cost(0, 0, 0, some))
    return {kind: round(usd * MILLION / some, 6) for kind, usd in zip(CLASSES, each, strict=True)}


def _source(price: Price | None) -> str | None:
    if price is None:
        return None
    return f"list price of genai-prices {version('genai-prices')}" if price.rate is None else "weft.toml"
