"""What `judge` and `critique` do: agents that look at everything at once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import get_args

from weft.linter.facts.domain.amounts import ZERO, at_least, number
from weft.linter.facts.domain.code import Call
from weft.linter.facts.domain.cost import started
from weft.linter.facts.domain.holding import anything
from weft.linter.facts.domain.intervals import EXACTLY_ONE, Interval
from weft.linter.facts.domain.joins import count
from weft.linter.facts.domain.marks import Marks, derived
from weft.linter.facts.domain.sizes import tokens_in
from weft.linter.facts.domain.values import Lack, Listing, Number, Part, Value, marked, named
from weft.linter.facts.follow.expressions import constant as literal
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.sequences import copied
from weft.linter.facts.known.asking import OUTPUT_TOKENS, asks, per_call, promised, record
from weft.linter.facts.known.counting import as_count, first
from weft.primitives.costs import judge_agents
from weft.primitives.panels import CRITIQUE, Outcome

__all__ = ["critique", "judge"]

_INTEGER = {"type": "integer"}


def judge(m: Machine, call: Call) -> Value:
    """Follow `judge(candidates)`: all candidates that are there, in an order that rests on all of them."""
    source = first(m, call, "judge()")
    size, judges = count(source.parts), as_count(call.keywords.get("judges") or literal(3))
    panel = partial(judge_agents, 2)
    most = size.high.constant
    low = per_call(panel, judges.low) if judges.low is not None and _sure(source, 2) else ZERO
    high = per_call(panel, judges.high) if most is None or most > 1 else ZERO
    each = tokens_in(source) + number(OUTPUT_TOKENS)
    cost = started(call.node.lineno, f"judge, {judges.high.text()} judges", Interval(low, high), each)

    def gives(machine: Machine, marks: Marks) -> Value:
        parts = tuple(_there(part) for part in source.parts)
        told = _told(source, judges, marks)
        return copied(machine, source, call.node, parts=parts, marks=derived(source.marks) | marks, told=told)

    return asks(m, call, cost, gives)


def _told(source: Listing, judges: Number, marks: Marks) -> Mapping[str, Value]:
    """Return what a ranking tells besides the candidates, by attribute."""
    most, panel = (Number(low=amount, high=amount) for amount in (count(source.parts).high, judges.high))
    places = {"type": ["array", "null"], "maxItems": most, "items": _INTEGER}
    standing = record({"index": _INTEGER, "place": _INTEGER, "points": _INTEGER})
    vote = record({"judge": _INTEGER, "ranking": places, "reason": {"type": "string"}})
    fields: dict[str, dict[str, object]] = {
        "outcome": {"enum": list(get_args(Outcome))},
        "standings": {"type": "array", "maxItems": most, "items": standing},
        "votes": {"type": "array", "maxItems": panel, "items": vote},
        "agreement": {"type": ["number", "null"]},
    }
    told = {name: promised(schema, f"the {name} of the ranking") for name, schema in fields.items()}
    return {**{name: marked(value, marks) for name, value in told.items()}, "lost": anything("losses are not followed")}


def _sure(source: Listing, least: int) -> bool:
    """Tell whether so many candidates are there for sure, with those that are None left out."""
    there = [_there(part).count.low for part in source.parts]
    return at_least(sum(there, ZERO), number(least))


def _there(part: Part) -> Part:
    """Return a stretch of candidates without those that are None."""
    if part.element.lack is None:
        return part
    return Part(Interval(ZERO, part.count.high), named(part.element, lack=None))


def critique(m: Machine, call: Call) -> Value:
    """Follow `critique(items, prompt)`: one agent that can be lost."""
    source, line = first(m, call, "critique()"), call.node.lineno
    cost = started(line, "critique", EXACTLY_ONE, tokens_in(source) + number(OUTPUT_TOKENS))
    lack = Lack(f"the critic at line {line} can fail", line)
    return asks(m, call, cost, lambda machine, marks: named(promised(CRITIQUE, "the critique"), lack=lack, marks=marks))
