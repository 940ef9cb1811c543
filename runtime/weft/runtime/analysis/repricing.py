"""What the same tokens would have cost on other models, by list price and what the project says.

Nobody knows how many tokens another model would have used for the same, how many turns, what its provider would have
kept in a cache, nor what it would have answered: all that is taken as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from weft.primitives.lost import NOTHING_SPENT, Spent
from weft.runtime.errors import NotFound, UsageError
from weft.runtime.journal.agentstate import AgentState
from weft.runtime.journal.events import Event, MoneyMoved
from weft.runtime.meant import did_you_mean
from weft.runtime.money.prices import Price, price_of, set_price

if TYPE_CHECKING:
    from weft.runtime.project.config import Config

__all__ = ["Repriced", "Wanted", "repriced", "requests_of", "wanted_of"]

Wanted = Mapping[str | None, str]
"""Which model is to be asked in which phase; under `None` in all others."""


@dataclass(slots=True)
class Repriced:
    """What the agents of one phase that one model answered have cost, and would have cost on another."""

    phase: str
    """Empty for no phase."""
    model: str
    instead: str
    """The same model where none is wanted for the phase."""
    agents: int = 0
    spent: Spent = NOTHING_SPENT
    listed: float | None = 0.0
    """What it would cost on the same model by the prices of today; `None` where it has none."""
    usd: float = 0.0
    """What it would have cost instead."""
    lumped: int = 0
    """How many agents are priced as one request each, since theirs are not on record."""


def wanted_of(given: Iterable[str], phases: Iterable[str]) -> Wanted:
    """Read what was asked for: `MODEL` for all phases, `PHASE=MODEL` for one.

    Raises:
        UsageError: something of it means nothing, or a phase is named twice.
        NotFound: there is no such phase.
    """
    known = list(dict.fromkeys(phases))
    wanted: dict[str | None, str] = {}
    for text in given:
        phase, equals, model = text.rpartition("=")
        if not model.strip() or (equals and not phase.strip()):
            raise UsageError(
                f"--model {text} names no model", meaning="nothing was done", fix="--model MODEL, or PHASE=MODEL"
            )
        if equals and phase not in known:
            listed = f"the phases are {', '.join(known)}" if known else "the run has no phases: --model MODEL"
            fix = did_you_mean(phase, {one: f"--model {one}={model}" for one in known}, listed)
            raise NotFound(f"there is no phase {phase!r}", meaning="nothing was done", fix=fix)
        name = phase if equals else None
        if name in wanted:
            what = f"two models are named for {'all phases' if name is None else repr(name)}"
            raise UsageError(what, meaning="nothing was done", fix="name one")
        wanted[name] = model
    return wanted


Requests = Mapping[tuple[int, str], list[Spent]]
"""What each agent has used of each model, by request."""


def requests_of(events: Iterable[Event], agents: Mapping[int, AgentState]) -> Requests:
    """Return what each agent of an execution has used of each model, by request as far as that is on record."""
    settled: dict[tuple[int, str], list[Spent]] = {}
    other: dict[int, str] = {}
    for event in events:
        if isinstance(event, MoneyMoved):
            other |= event.models
            for one in event.settled:
                model = other.pop(one.number, "") or agents[one.agent].called.request.model
                settled.setdefault((one.agent, model), []).append(one.spent)
    found: dict[tuple[int, str], list[Spent]] = {}
    for number, agent in agents.items():
        for model, spent in agent.costs.items():
            known = [] if agent.reused else settled.get((number, model), [])
            rest = spent - sum(known, Spent())
            whole = min(rest.input_tokens, rest.output_tokens, rest.cache_read_tokens, rest.cache_write_tokens) >= 0
            if not whole:
                known, rest = [], spent
            found[number, model] = [*known, *([rest] if rest.tokens else [])]
    return found


def repriced(
    agents: Mapping[int, AgentState],
    requests: Requests,
    wanted: Wanted,
    config: Config | None = None,
) -> list[Repriced]:
    """Return what each phase would have cost.

    Args:
        agents: Those of the execution.
        requests: What each has used.
        wanted: Who is to be asked.
        config: What the project says of prices.

    Raises:
        UsageError: a model that is wanted has no price.
    """
    prices = {model: _price(model, config) for model in wanted.values()}
    rows: dict[tuple[str, str], Repriced] = {}
    for number, model, spent in [(one, *cost) for one, agent in agents.items() for cost in agent.costs.items()]:
        if not spent.tokens:
            continue
        phase, used = agents[number].called.request.phase or "", requests[number, model]
        instead = wanted.get(phase, wanted.get(None, model))
        row = rows.setdefault((phase, model), Repriced(phase, model, instead))
        row.agents += 1
        row.spent += spent
        row.lumped += len(used) == 1 and agents[number].reused
        own = price_of(model, config)
        listed = None if own is None else sum(_usd(own, one) for one in used)
        row.listed = None if listed is None or row.listed is None else row.listed + listed
        changed = instead != model
        row.usd += sum(_usd(prices[instead], one) for one in used) if changed else spent.usd
    return list(rows.values())


def _price(model: str, config: Config | None) -> Price:
    price = price_of(model, config)
    if price is None:
        raise UsageError(f"{model} has no price", meaning="nothing was done", fix=set_price(model))
    return price


def _usd(price: Price, spent: Spent) -> float:
    from genai_prices import Usage

    return price(
        Usage(
            input_tokens=spent.input_tokens,
            output_tokens=spent.output_tokens,
            cache_read_tokens=spent.cache_read_tokens,
            cache_write_tokens=spent.cache_write_tokens,
        )
    )
