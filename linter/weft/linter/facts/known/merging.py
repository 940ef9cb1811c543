"""What `synthesize` does: a tree of agents that merge."""

from __future__ import annotations

from weft.linter.facts.domain.amounts import ZERO, number
from weft.linter.facts.domain.code import Call
from weft.linter.facts.domain.cost import started
from weft.linter.facts.domain.counts import tree
from weft.linter.facts.domain.intervals import Interval
from weft.linter.facts.domain.joins import count, element
from weft.linter.facts.domain.marks import Marks
from weft.linter.facts.domain.sizes import tokens_in
from weft.linter.facts.domain.values import Lack, Text, Value
from weft.linter.facts.follow.expressions import constant as literal
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.known.asking import OUTPUT_TOKENS, asks
from weft.linter.facts.known.counting import as_count, first
from weft.primitives.language import DEFAULT_FAN_IN

__all__ = ["synthesize"]


def synthesize(m: Machine, call: Call) -> Value:
    """Follow `synthesize(items, prompt)`: its last agent can be lost."""
    line, source = call.node.lineno, first(m, call, "synthesize()")
    size, fan_in = count(source.parts), as_count(call.keywords.get("fan_in") or literal(DEFAULT_FAN_IN)).exact
    width = fan_in if fan_in is not None and fan_in > 1 else 2
    item = element(source)
    read = number(width) * (ZERO if item is None else tokens_in(item)) + number(OUTPUT_TOKENS)
    text = f"synthesize, {size.high.text()} items"
    cost = started(line, text, Interval(tree(size.low, width), tree(size.high, width)), read)
    lack = Lack(f"the synthesis at line {line} can fail", line)

    def gives(machine: Machine, marks: Marks) -> Value:
        return Text(lack=lack, marks=marks, tokens=number(OUTPUT_TOKENS), said=True, whole=True)

    return asks(m, call, cost, gives)
