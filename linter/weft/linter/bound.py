"""How many agents and tokens a run can take at most: the sum of what was followed, shown with where it comes from."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from math import ceil, inf
from typing import Any, Literal

from weft.linter.facts.domain.amounts import ZERO, Amount, Tree, at_least, maximum, number, within_atom
from weft.linter.facts.domain.cost import Agents, Choice, Cost, Costs, Repeat, agents, least, tokens
from weft.linter.facts.domain.evaluation import infimum, supremum, value
from weft.linter.facts.domain.parameters import EVERY
from weft.linter.facts.domain.reasons import Reason
from weft.linter.facts.repeating import FanOut
from weft.linter.positions import Positions
from weft.linter.record import record

__all__ = ["UNBOUNDED", "Bound", "Term", "Unbounded", "Width", "bound_of", "unknown_bound", "widths_of"]

UNBOUNDED: Literal["unbounded"] = "unbounded"

Unbounded = Literal["unbounded"]


@record()
class Term:
    """One place that adds to the bound, or multiplies it."""

    line: int
    text: str
    """As in `parallel over SOURCES`."""
    value: int | str
    """How many agents, or how often: a number, a formula over the arguments, or `unbounded`."""


@record()
class Width:
    """How many branches one fan-out has at most, and what each of them starts."""

    line: int
    column: int
    """Where its call ends; lines count from 1, columns from 0, in characters."""
    branches: int | str
    """Like `Bound.agents`."""
    each: int | str
    """Agents in each branch, likewise."""


@record()
class Bound:
    """The most that a run can start and use, whatever agents answer."""

    agents: int | str
    """A number that holds with any arguments, a formula over the arguments, or `unbounded`."""
    expr: str
    """How the number comes about, as in `6*(5+3*35)+1`."""
    terms: tuple[Term, ...] = ()
    reasons: tuple[Reason, ...] = ()
    """Why there is no number; empty where there is one."""
    agents_min: int = 0
    """The least that a run starts when nothing fails."""
    tokens: int | str = UNBOUNDED
    """A ceiling, not a forecast."""
    parameters: dict[str, int | None] = field(default_factory=dict)
    """The arguments that the formula is over, with their defaults where they have one."""
    amount: Amount = ZERO
    """The same as `agents`, symbolically."""
    fan_outs: Mapping[int, tuple[Amount, ...]] = field(default_factory=dict)
    """By lines, how many agents each branch of the fan-outs there starts at least."""

    def evaluate(self, args: Any) -> int | Unbounded:
        """Return the most agents that a run with these arguments can start."""
        if not self.amount.reasons:
            try:
                return max(0, int(value(self.amount, lambda parameter: parameter.read(args))))
            except (KeyError, TypeError):  # arguments that do not fit are refused elsewhere
                pass
        return self.agents if isinstance(self.agents, int) else UNBOUNDED

    def least_per_branch(self, line: int, args: Any) -> int:
        """Return how many agents each branch of a fan-out at this line starts if nothing fails; 0 where unknown."""
        return min((_lower_end(amount, args) for amount in self.fan_outs.get(line, ())), default=0)


def bound_of(costs: Costs, fan_outs: Iterable[FanOut] = ()) -> Bound:
    """Return the bound of a harness that costs this and fans out so."""
    total = agents(costs).settled()
    parameters = sorted(total.parameters(), key=lambda parameter: parameter.text())
    return Bound(
        agents=_stated(total),
        expr=_expression(costs),
        terms=tuple(_terms(costs)),
        reasons=total.reasons,
        agents_min=_least(costs),
        tokens=_stated(tokens(costs).settled()),
        parameters={parameter.text(): parameter.default for parameter in parameters},
        amount=total,
        fan_outs=_by_line(fan_outs, total),
    )


def _least(costs: Costs) -> int:
    low = least(costs)
    while symbols := low.symbols():
        low = low.within(dict.fromkeys(symbols, ZERO), {symbol: symbol.most for symbol in symbols})
    return 0 if low.reasons else int(max(0, infimum(low)))


def widths_of(fan_outs: Iterable[FanOut], positions: Positions) -> tuple[Width, ...]:
    """Return how wide each fan-out is at most, in the order of the file; one that is reached in several ways once."""
    found: dict[ast.Call, list[FanOut]] = defaultdict(list)
    for fan_out in fan_outs:
        found[fan_out.node].append(fan_out)
    widths = [
        Width(
            *positions.end(node),
            branches=_stated(maximum(*(one.width.settled() for one in same))),
            each=_stated(maximum(*(one.each.settled() for one in same))),
        )
        for node, same in found.items()
    ]
    return tuple(sorted(widths, key=lambda width: (width.line, width.column)))


def unknown_bound(why: str, line: int = 1) -> Bound:
    """Return the bound of a file that cannot be followed."""
    return Bound(UNBOUNDED, "?", reasons=(Reason(line, why, "mend the file first", "unknown"),))


def _by_line(fan_outs: Iterable[FanOut], total: Amount) -> dict[int, tuple[Amount, ...]]:
    """Return what branches cost at least; nothing of a harness that was not followed to its end."""
    found: dict[int, tuple[Amount, ...]] = defaultdict(tuple)
    if not any(reason.kind == "unknown" for reason in total.reasons):
        for fan_out in fan_outs:
            found[fan_out.node.lineno] += (fan_out.least,)
    return dict(found)


def _lower_end(amount: Amount, args: Any) -> int:
    while symbols := amount.symbols():
        amount = amount.within(dict.fromkeys(symbols, ZERO), {symbol: symbol.most for symbol in symbols})
    if amount.reasons or any(EVERY in parameter.path for parameter in amount.parameters()):
        return 0  # such a parameter is the largest of several numbers
    try:
        return max(0, int(value(amount, lambda parameter: parameter.read(args))))
    except (KeyError, TypeError):  # arguments that do not fit are refused elsewhere
        return 0


def _stated(amount: Amount) -> int | str:
    if amount.reasons:
        return UNBOUNDED
    most = supremum(amount)
    return amount.text() if most == inf else ceil(most)


def _terms(costs: Costs) -> Iterator[Term]:
    for cost in costs:
        match cost:
            case Agents():
                yield Term(cost.line, cost.text, _stated(cost.high.settled()))
            case Repeat():
                yield Term(cost.line, cost.text, _stated(cost.times.high.settled()))
                yield from _terms(cost.body)
            case Choice(options=options):
                yield from _terms(max(options, key=_weight))


def _weight(costs: Costs) -> tuple[bool, float]:
    total = agents(costs).settled()
    return bool(total.reasons), value(total, lambda _: 100)


def _expression(costs: Costs) -> str:
    """Return how the number comes about; equal plain summands are added up, factors are kept."""
    plain, parts = ZERO, []
    for cost in _chosen(costs):
        match cost:
            case Repeat():
                parts.append(_product(cost))
            case _ if cost.high.constant is not None:
                plain += cost.high
            case _:
                parts.append(_text(cost.high))
    if plain != ZERO or not parts:
        parts.append(plain.text())
    return "+".join(part for part in parts if part != "0") or "0"


def _chosen(costs: Costs) -> Iterator[Cost]:
    """Yield the summands, those of the dearest way where one is; else the dearest of all ways is one summand."""
    for cost in costs:
        dearest = max(cost.options, key=_weight) if isinstance(cost, Choice) else ()
        if dearest and at_least(agents(dearest).settled(), cost.high.settled()):
            yield from _chosen(dearest)
        elif cost.high != ZERO:
            yield cost


def _product(cost: Repeat) -> str:
    times, body = cost.times.high.settled(), _expression(cost.body)
    if cost.high.settled() != times * agents(cost.body).settled():
        return _text(cost.high)  # the rounds differ: their sum is less than the largest times their number
    factors = [_factor(_text(times))] if times != number(1) else []
    return "*".join([*factors, *([_factor(body)] if body != "1" else [])]) or "1"


def _text(amount: Amount) -> str:
    return _shown(amount.settled())


def _shown(amount: Amount) -> str:
    """Return the formula for people: a synthesis is named and not spelled out."""
    text = amount.text()
    for tree in sorted(_trees(amount), key=lambda tree: -len(tree.text())):
        text = text.replace(tree.text(), f"synth({_shown(tree.of)},{tree.fan_in})")
    return text


def _trees(amount: Amount) -> set[Tree]:
    atoms = {atom for atoms, _ in amount.terms for atom in atoms}
    inner = {tree for atom in atoms for inside in within_atom(atom) for tree in _trees(inside)}
    return inner | {atom for atom in atoms if isinstance(atom, Tree)}


def _factor(text: str) -> str:
    return f"({text})" if re.search(r"[+\-](?![^(]*\))", text) else text
