"""What `route` does: one handler for each item, all at once."""

from __future__ import annotations

from weft.linter.facts.domain.code import Call
from weft.linter.facts.domain.holding import ANY
from weft.linter.facts.domain.joins import element
from weft.linter.facts.domain.values import Dict, Value
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.sequences import elements_of
from weft.linter.facts.follow.walking import varying
from weft.linter.facts.known.counting import first
from weft.linter.facts.known.fanouts import each_branch
from weft.linter.facts.known.keys import read_by

__all__ = ["route"]


def route(m: Machine, call: Call) -> Value:
    """Follow `route(items, by=…, handlers=…)`: any item may go to any of the handlers."""
    items, handlers = first(m, call, "route()"), call.keywords.get("handlers")
    m.look(items.marks)  # it waits for all: nothing begins unless there is a handler for every item
    read_by(m, call.keywords.get("by"), call, items, "route()")
    found = element(elements_of(m, handlers, call.node, pairs=False)) if isinstance(handlers, Dict) else None
    handler = found or ANY

    def handle(machine: Machine, item: Value) -> Value:
        return machine.apply(handler, call.node, varying(item, call.node))

    return each_branch(m, call, "route", items, handle)
