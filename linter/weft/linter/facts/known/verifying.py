"""What `verify` does: it starts one agent per skeptic and one that may break a tie, and always has a verdict."""

from __future__ import annotations

from typing import get_args

from weft.linter.facts.domain.amounts import ONE, ZERO, number
from weft.linter.facts.domain.code import Call
from weft.linter.facts.domain.cost import started
from weft.linter.facts.domain.intervals import Interval, lowest, some
from weft.linter.facts.domain.joins import count
from weft.linter.facts.domain.marks import Mark
from weft.linter.facts.domain.sizes import tokens_in
from weft.linter.facts.domain.values import Nothing, Number, Value, named
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.sequences import sequence
from weft.linter.facts.known.asking import OUTPUT_TOKENS, noted, per_call, promised, shown
from weft.linter.facts.known.counting import as_count
from weft.primitives.costs import verify_agents
from weft.primitives.independence import Word
from weft.primitives.language import DEFAULT_LENSES
from weft.primitives.skeptics import Opinion
from weft.primitives.verifying import Outcome

__all__ = ["VERDICT", "verify"]

VERDICT = "the verdict of verify()"
"""How findings call what it returns."""


def verify(m: Machine, call: Call) -> Value:
    """Follow `verify(claim)`, which begins when it is awaited."""
    marks, line = shown(m, call) | {Mark("answer", call.node)}, call.node.lineno
    size, text = _skeptics(m, call)
    breaker = ONE if _given(call, "tie_breaker") is not None else ZERO
    fewest = lowest(size.low, ONE) if "early" in call.keywords else size.low
    low = per_call(verify_agents, fewest or ZERO, ZERO)
    high = per_call(verify_agents, size.high, breaker)
    each = sum((tokens_in(value) for value in call.args), number(OUTPUT_TOKENS))
    title = f"verify, {text}{' and a tie-breaker' if breaker is ONE else ''}"
    cost = started(line, title, Interval(low, high), each)
    note = noted(m, "verify", call)

    def start(machine: Machine) -> Value:
        note(machine)
        machine.state.cost += (cost,)
        return named(_verdict(Interval(size.low, size.high + breaker)), marks=marks)

    return m.coroutine(call.node, "verify", start)


def _given(call: Call, option: str) -> Value | None:
    value = call.keywords.get(option)
    return None if isinstance(value, Nothing) else value


def _skeptics(m: Machine, call: Call) -> tuple[Interval, str]:
    """Return how many skeptics there are, and that in words."""
    if call.named is not None:
        unknown = some("the lenses are not known", call.node.lineno)
        return unknown, f"{unknown.high.text()} lenses"
    default = number(len(DEFAULT_LENSES))
    lenses, votes = _given(call, "lenses"), _given(call, "votes")
    if votes is not None:
        asked = as_count(votes)
        if votes.lack is None:
            return Interval(asked.low or ZERO, asked.high), f"{asked.high.text()} votes"
        return Interval(ZERO, asked.high + default), f"{asked.high.text()} votes"  # without them there are the lenses
    size = Interval(default, default) if lenses is None else count(sequence(m, lenses, call.node).parts)
    return size, f"{size.high.text()} lenses"


def _verdict(votes: Interval) -> Value:
    texts = {name: {"type": "string"} for name in ("lens", "reason")}
    vote = {
        "type": "object",
        "properties": {
            **texts,
            "verdict": {"type": "string", "enum": [*get_args(Opinion)]},
            "evidence": {},
            "touched": {},
            "discounted": {"type": "boolean"},
        },
        "required": [*texts, "verdict", "evidence", "touched", "discounted"],
    }
    independence = {
        "type": "object",
        "properties": {
            "word": {"type": "string", "enum": [*get_args(Word)]},
            "share": {"type": ["number", "null"]},
            "why": {"type": "string"},
        },
        "required": ["word", "share", "why"],
    }
    size = {"minItems": Number(low=votes.low, high=votes.high), "maxItems": Number(low=votes.low, high=votes.high)}
    properties = {
        "outcome": {"type": "string", "enum": [*get_args(Outcome)]},
        "survives": {"type": "boolean"},
        "votes": {"type": "array", "items": vote, **size},
        "independence": independence,
        "saved": {"type": "integer"},
    }
    return promised({"type": "object", "properties": properties, "required": [*properties]}, VERDICT)
