"""What a run has cost by phase, model and class of tokens.

The dollars of a row are on record. Those of a class are not: they are the tokens at the prices of today, and each row
says which these are, and what it comes to by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Literal, get_args

from weft.primitives.lost import NOTHING_SPENT, Spent
from weft.runtime.journal.agentstate import AgentState, Phase
from weft.runtime.money.prices import MILLION, Price, price_of

if TYPE_CHECKING:
    from weft.runtime.project.config import Config

__all__ = ["CLASSES", "Class", "Classed", "classed", "tokens_of"]

Class = Literal["input", "cache_read", "cache_write", "output"]
CLASSES: tuple[Class, ...] = get_args(Class)
"""Input is what was neither read from a cache nor written to one."""


@dataclass(slots=True)
class Classed:
    """What the agents of one phase that one model answered have cost in this execution."""

    phase: Phase
    model: str
    price: str | None
    """Where the prices of today are from; `None` where the model has none."""
    rates: Mapping[Class, float] | None
    """Dollars for a million tokens, in a short request."""
    agents: int = 0
    spent: Spent = NOTHING_SPENT
    usd: dict[Class, float] = field(default_factory=lambda: dict.fromkeys(CLASSES, 0.0))
    """By today's prices, request by request; nothing where there is no price."""


def classed(
    agents: Mapping[int, AgentState], requests: Mapping[int, list[Spent]], config: Config | None = None
) -> list[Classed]:
    """Add up what agents have cost that were asked in this execution; `requests` is what each has used."""
    rows: dict[tuple[Phase, str], Classed] = {}
    prices: dict[str, Price | None] = {}
    for number, agent in agents.items():
        if agent.reused or agent.started_at is None:
            continue
        model = agent.model
        if model not in prices:
            prices[model] = price_of(model, config)
        price = prices[model]
        row = rows.get((agent.phase, model))
        if row is None:
            row = rows[agent.phase, model] = Classed(agent.phase, model, _source(price), _rates(price))
        row.agents += 1
        row.spent += agent.spent
        if price is not None:
            for one in requests.get(number, ()):
                for kind, usd in _usd(price, one).items():
                    row.usd[kind] += usd
    return list(rows.values())


def tokens_of(spent: Spent) -> dict[Class, int]:
    """Return how many tokens of each class were used."""
    reads, writes = spent.cache_read_tokens, spent.cache_write_tokens
    plain = max(0, spent.input_tokens - reads - writes)
    return {"input": plain, "cache_read": reads, "cache_write": writes, "output": spent.output_tokens}


def _usd(price: Price, spent: Spent) -> dict[Class, float]:
    """Return what each class costs in one request: what the request would cost less without it."""
    from genai_prices import Usage

    of = tokens_of(spent)

    def cost(**left_out: int) -> float:
        now = {**of, **left_out}
        return price(
            Usage(
                input_tokens=now["input"] + now["cache_read"] + now["cache_write"],
                cache_read_tokens=now["cache_read"],
                cache_write_tokens=now["cache_write"],
                output_tokens=now["output"],
            )
        )

    whole = cost()
    return {kind: whole - cost(**{kind: 0}) if of[kind] else 0.0 for kind in CLASSES}


def _rates(price: Price | None) -> dict[Class, float] | None:
    if price is None:
        return None
    some = Spent(3_000, 1_000, 0.0, 1_000, 1_000)
    return {kind: round(usd * MILLION / 1_000, 6) for kind, usd in _usd(price, some).items()}


def _source(price: Price | None) -> str | None:
    if price is None:
        return None
    return f"list price of genai-prices {version('genai-prices')}" if price.rate is None else "weft.toml"
