"""What `reflect`, `debate` and `swarm` do: agents that go on from what was said before, for so many rounds."""

from __future__ import annotations

from typing import Any

from weft.linter.facts.domain.amounts import ONE, ZERO, Amount, minimum, number
from weft.linter.facts.domain.code import CALLABLE, Call
from weft.linter.facts.domain.cost import started
from weft.linter.facts.domain.intervals import Interval
from weft.linter.facts.domain.joins import count, element
from weft.linter.facts.domain.marks import Marks
from weft.linter.facts.domain.sizes import tokens_in
from weft.linter.facts.domain.values import Dict, Lack, Listing, Number, Part, Text, Value, named
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.sequences import elements_of, listing, sequence
from weft.linter.facts.known.asking import OUTPUT_TOKENS, asks, per_call, promised, record
from weft.linter.facts.known.counting import as_count, first
from weft.primitives.conversing import OBJECTIONS
from weft.primitives.costs import debate_agents, reflect_agents, swarm_agents

__all__ = ["debate", "reflect", "swarm"]

_TEXT_OR_NONE = {"type": ["string", "null"]}


def reflect(m: Machine, call: Call) -> Value:
    """Follow `reflect(prompt)`: its text is None only where not even the draft was written."""
    rounds = as_count(call.keywords.get("max_rounds"))
    size = Interval(ONE, per_call(reflect_agents, rounds.high))
    shown = sum((tokens_in(value) for value in call.inputs()), number(2 * OUTPUT_TOKENS))
    cost = started(call.node.lineno, f"reflect, up to {rounds.high.text()} rounds", size, shown)
    each_round = OBJECTIONS["properties"]["objections"]
    most = Number(low=rounds.high, high=rounds.high)
    fields = {
        "text": _TEXT_OR_NONE,
        "ended": {"enum": ["approved", "cap", "lost"]},
        "objections": {"type": "array", "maxItems": most, "items": each_round},
    }

    def gives(machine: Machine, marks: Marks) -> Value:
        return named(promised(record(fields), "the result of reflect()"), marks=marks)

    return asks(m, call, cost, gives)


def debate(m: Machine, call: Call) -> Value:
    """Follow `debate(topic)`: its transcript, in which lost speeches are None."""
    roles, rounds = _roles(m, call), as_count(call.keywords.get("rounds"))
    size = _times(debate_agents, roles, rounds)
    heard = size.high * number(OUTPUT_TOKENS)
    text = f"debate, {roles.high.text()} roles in {rounds.high.text()} rounds"
    cost = started(call.node.lineno, text, size, heard)
    speech = record({"round": {"type": "integer"}, "role": {"type": "string"}, "speech": _TEXT_OR_NONE})
    most = {"minItems": Number(low=size.low, high=size.low), "maxItems": Number(low=size.high, high=size.high)}

    def gives(machine: Machine, marks: Marks) -> Value:
        return named(promised({"type": "array", "items": speech, **most}, "the transcript of debate()"), marks=marks)

    return asks(m, call, cost, gives)


def swarm(m: Machine, call: Call) -> Value:
    """Follow `swarm(prompts)`: a finding for each prompt, None where its agent was lost in the last round."""
    source, rounds = first(m, call, "swarm()"), as_count(call.keywords.get("rounds"))
    line, width = call.node.lineno, count(source.parts)
    shown = (ONE + _neighbours(m, call, width.high)) * number(OUTPUT_TOKENS)
    size = _times(swarm_agents, width, rounds)
    text = f"swarm, {width.high.text()} agents in {rounds.high.text()} rounds"
    cost = started(line, text, size, shown + number(OUTPUT_TOKENS))
    lack = Lack(f"an agent of the swarm at line {line} can fail", line)

    def gives(machine: Machine, marks: Marks) -> Value:
        finding = Text(lack=lack, marks=marks, tokens=number(OUTPUT_TOKENS), said=True, whole=True)
        parts = (Part(part.count, finding) for part in source.parts)
        return listing(machine, call.node, *parts, marks=marks)

    return asks(m, call, cost, gives)


def _neighbours(m: Machine, call: Call, width: Amount) -> Amount:
    """Return how many neighbours an agent of a swarm has at most."""
    given, near = call.keywords.get("neighbours"), None
    if isinstance(given, CALLABLE) and width != ZERO:
        near = m.apply(given, call.node, Number(low=ZERO, high=width))
    elif isinstance(given, Dict):
        near = element(elements_of(m, given, call.node, pairs=False))
    return minimum(count(near.parts).high, width) if isinstance(near, Listing) else width


def _roles(m: Machine, call: Call) -> Interval:
    roles = call.keywords.get("roles")
    return count((sequence(m, roles, call.node) if roles is not None else listing(m, call.node)).parts)


def _times(row: Any, width: Interval, rounds: Number) -> Interval:
    low = rounds.low if rounds.low is not None else ONE
    return Interval(per_call(row, width.low, low), per_call(row, width.high, rounds.high))
