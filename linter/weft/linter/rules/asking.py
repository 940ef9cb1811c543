"""What rules ask about the calls of agents: which branch asks what, and of which items."""

from __future__ import annotations

import ast
from collections.abc import Container

from weft.linter.facts import Facts
from weft.linter.facts.domain.amounts import ONE, at_least
from weft.linter.facts.domain.code import CALLABLE
from weft.linter.facts.domain.contained import contents
from weft.linter.facts.domain.holding import ANY
from weft.linter.facts.domain.joins import count, element
from weft.linter.facts.domain.marks import NO_MARKS, Mark, about
from weft.linter.facts.domain.values import Given, Listing, Number, Text, constant
from weft.linter.facts.events import Asked
from weft.linter.facts.known.acting import tools_that_act
from weft.linter.facts.repeating import FanOut, Loop

__all__ = [
    "PROMPTED",
    "Walks",
    "branches_of",
    "calls",
    "ignored_items",
    "lists_walked",
    "samples",
    "told_by_label",
]


PROMPTED = ("agent", "debate", "reflect")
"""Primitives whose first argument is what an agent is told."""


def calls(facts: Facts, names: Container[str] = ("agent",)) -> dict[ast.Call, list[Asked]]:
    """Return how each call of `agent`, or of the primitives with these names, is made, by where it is written."""
    found: dict[ast.Call, list[Asked]] = {}
    for event in facts.each(Asked):
        if event.name in names:
            found.setdefault(event.call.node, []).append(event)
    return found


Walks = dict[Loop | FanOut, tuple[ast.AST, Listing]]


def lists_walked(facts: Facts) -> Walks:
    """Return the list of which each element has a branch of its own, and what tells its elements apart.

    They are found by the fan-out, or by the comprehension that makes the branches: by that activation of it, for a
    helper may fan out over one list here and over another there.
    """
    found: Walks = {}
    made: dict[ast.AST, tuple[ast.AST, Listing]] = {}
    for event in facts.events:
        match event:
            case Loop(kind="comprehension" | "for", node=node, over=Listing() as over) if not event.waits:
                found[event] = made[node] = node, over
            case FanOut(kind="pipeline", node=node, items=items):
                found[event] = node, items
            case FanOut(items=Listing(node=ast.expr() as branches)) if branches in made and _one_call_each(branches):
                found[event] = made[branches]
    return found


def _one_call_each(branches: ast.expr) -> bool:
    """Tell whether each branch is a call of its own, made for one element of one list."""
    if not isinstance(branches, (ast.ListComp, ast.GeneratorExp)):
        return False
    return len(branches.generators) == 1 and isinstance(branches.elt, ast.Call)


def ignored_items(event: Asked, walks: Walks, *, alike: bool = False) -> list[Listing]:
    """Return the lists for each element of which an agent is asked the same; none where that is not certain.

    With `alike`, its prompt is the same text wherever it is asked.
    """
    same = {"label", "phase", "prompt"} if alike else {"label", "phase"}
    given = {mark for name, marks in event.marks.items() if name not in same for mark in marks}
    known = isinstance(event.prompt, (Text, Given)) and event.call.complete
    if any(isinstance(loop, Loop) and loop.kind == "branches" for loop in about(event.control, "earlier")):
        return []  # whether it is asked rests on what other branches have done
    if not known or about(frozenset(given), "opaque", "earlier"):
        return []
    walked = [
        items
        for key, items in branches_of(event, walks)
        if Mark("item", key) not in given and not _chosen(event, key, items)
    ]
    walked = [items if constant(element(items)) is None else _made_of(items, walks) or items for items in walked]
    return [items for items in walked if alike or not _dispatches(items)]


def _chosen(event: Asked, key: ast.AST, items: Listing) -> bool:
    """Tell whether it may be one element alone for which this agent is asked, or for which it does something."""
    if Mark("item", key) not in event.control:
        return False
    numbered = any(isinstance(value, Number) for value in contents(element(items) or ANY))
    return numbered or Mark("picked", key) in event.control or bool(tools_that_act(event.call))


def _made_of(items: Listing, walks: Walks) -> Listing | None:
    """Return the list for each element of which a list has one."""
    return next((over for key, over in walks.values() if key is items.node), None)


def told_by_label(facts: Facts) -> dict[Asked, list[Listing]]:
    """Return the branches that a loop with an index has made, one for each element of an argument, that ask the same.

    Only their labels differ.
    """
    nodes: dict[FanOut, set[ast.Call]] = {}
    for event in facts.each(Asked):
        for fanout in event.inside[-1:]:
            nodes.setdefault(fanout, set()).add(event.call.node)
    found: dict[Asked, list[Listing]] = {}
    for event in facts.each(Asked):
        given = {
            mark for name, marks in event.marks.items() if name not in ("label", "phase", "prompt") for mark in marks
        }
        for loop in event.made if event.inside and constant(event.prompt) is not None and event.call.complete else ():
            earlier = Mark("earlier", loop)
            told = earlier in event.marks.get("label", NO_MARKS) and earlier not in given
            if told and loop.kind == "while" and not loop.waits and len(nodes[event.inside[-1]]) == 1:
                items = event.inside[-1].items
                if any(one.length for one in count(items.parts).high.parameters()):
                    found[event] = [items]
    return found


def branches_of(event: Asked, walks: Walks) -> list[tuple[ast.AST, Listing]]:
    """Return the lists of several elements for each of which the agent is asked, and what tells those apart."""
    found = (walks[around] for around in (*event.made, *event.inside) if around in walks)
    return [(key, items) for key, items in found if not at_least(ONE, count(items.parts).high)]


def _dispatches(items: Listing) -> bool:
    """Tell whether the elements decide which function is called, so that each may ask something of its own."""
    return any(isinstance(value, CALLABLE) for value in contents(items))


def samples(items: Listing) -> bool:
    """Tell whether a list only counts how often something is done."""
    return isinstance(element(items), Number) or constant(element(items)) is not None
