"""What holds after a loop that was followed to its fixpoint, and what it costs; how it is followed is `repeat`."""

from __future__ import annotations

from collections.abc import Callable

from weft.linter.facts.domain.amounts import ZERO, of
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.cost import agents
from weft.linter.facts.domain.joins import count
from weft.linter.facts.domain.marks import NO_MARKS, Kind, Mark, Marks, about
from weft.linter.facts.domain.meeting import join
from weft.linter.facts.domain.refit import Ends
from weft.linter.facts.domain.sizes import stacked
from weft.linter.facts.domain.state import Cell, State
from weft.linter.facts.domain.ties import tied, ties
from weft.linter.facts.domain.truth import filled_up, without_none
from weft.linter.facts.domain.values import CONTAINERS, Dict, Listing, Text, Value, marked
from weft.linter.facts.follow.lacking import filled, in_all, tally
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.rounds import Outcome, Rounds, Whole, cost_of
from weft.linter.facts.follow.stack import Pass
from weft.linter.facts.repeating import Loop
from weft.linter.record import replace

__all__ = ["finish", "left_under", "mixed"]


def mixed(cell: Cell, value: Value, loop: Loop, adds: bool | None = None) -> Value:
    """Return a value that rests on one element as one that rests on several: rounds have chosen it, or added to it.

    A list to which each round `adds` holds what stands in the elements, and no more. What is found in the element of a
    round, and what is in an object that each round of some loop makes for itself, still rests on that round's element.
    """
    owner, fanouts = cell[0], about(loop.walked, "mapped", "flat")
    if isinstance(owner, Value) or (isinstance(owner, Birth) and any(one not in loop.place for one in owner.loops)):
        return value
    several: Kind = "flat" if adds else "whole"
    kinds = ("element", "flat") if adds is False and about(value.marks, "element") else ("element",)
    changed = {mark: Mark(several, mark.of) for mark in value.marks if mark.kind in kinds and mark.of in fanouts}
    return replace(value, marks=value.marks.difference(changed) | {*changed.values()}) if changed else value


def _of_some_round(value: Value) -> Value:
    """Return what a variable of a round holds after the loop: what one of the rounds had, whichever it was."""
    if not isinstance(value, CONTAINERS):
        return value
    birth = value.birth
    return replace(
        value, birth=Birth(birth.line, birth.loops, birth.shared, birth.either | {birth}, branches=birth.branches)
    )


def left_under(outcome: Outcome) -> Marks:
    """Return the marks of the conditions under which a round leaves the loop before its end."""
    return NO_MARKS.union(*(state.control for state in outcome.leaving))


def finish(m: Machine, rounds: Rounds, whole: Whole) -> None:
    """Put together what holds after the loop, and what it costs."""
    before, outcome, loop = whole.before, whole.outcome, rounds.loop
    loop.rounds, loop.agents = whole.times.high, agents(outcome.cost)
    loop.leaves |= bool(outcome.leaving)
    loop.exits |= left_under(outcome)
    loop.weighed = any(fanout in state.whole for state in outcome.backs for fanout in loop.waves)
    _tell(loop, outcome)
    m.note(loop)
    repeated, last = cost_of(rounds, whole)
    after = whole.after
    after.over, after.adding = loop, whole.carried.adding
    for state in (*outcome.leaving, *outcome.raises):
        state.cost = (*before.cost, *repeated, *(state.cost if last else ()))
        after.fit_all(state)
        state.control = before.control
    m.ways.returns += outcome.returns
    m.ways.raises += outcome.raises
    m.state = _after(rounds, whole, after)
    m.state.cost = (*before.cost, *repeated)
    if rounds.end is not None:
        _end(m, rounds.end)
    m.state = join([m.state, *outcome.breaks])
    if whole.carried.values:
        m.state.forget(frozenset((Mark("earlier", loop), Mark("heard", loop))))


def _end(m: Machine, end: Callable[[], None]) -> None:
    """Follow what is done when a condition ends the loop; where it never does, a run may stay in the loop."""
    inside = m.state.fork()
    end()
    if m.goal is Pass.SURVEY and not m.state.alive:
        m.state = inside  # a condition that still holds after one round may not after more
        m.passes += 1
    elif inside.alive and not m.state.alive:
        m.ways.raises.append(inside)


def _tell(loop: Loop, outcome: Outcome) -> None:
    told = [loop in state.told for state in outcome.backs]
    if all(told):
        loop.told = "always"
    else:
        somewhere = any(told) or any(loop in state.told for state in outcome.leaving)
        loop.told = "sometimes" if somewhere else "never"


def _after(rounds: Rounds, whole: Whole, ends: Ends) -> State:
    """Return what holds when no round is left."""
    state, outcome = whole.before.fork(), whole.outcome
    if not outcome.backs:
        state.alive = state.alive and whole.times.low == ZERO
        return state
    last = join(outcome.backs)
    state.whole, state.reached = state.whole | last.whole, state.reached | last.reached
    state.waited |= last.waited
    born = {cell: value for cell, value in last.cells.items() if cell not in state.cells}
    for cell, value in born.items():
        state.cells[cell] = _of_some_round(mixed(cell, ends.fit(value), rounds.loop))
    for cell, value in whole.carried.values.items():
        ended = last.cells.get(cell, value)  # a trial does not go on for where a value comes from, which it says last
        given = marked(ends.fit(value), ended.marks)
        given = mixed(cell, given, rounds.loop, whole.carried.adds_to(cell))
        state.cells[cell] = stacked(given, rounds.loop, whole.times.high) if isinstance(given, Text) else given
    state.originals |= {cell: value for cell, value in last.originals.items() if cell in state.cells}
    _complete(rounds, whole, state)
    fixed = {cell: value for cell, value in born.items() if not isinstance(cell[0], Value)}
    state.cells |= tied(state.cells, whole.carried.ties | ties(outcome.backs, fixed))
    return state


def _lay_beside(source: Listing, whole: Whole, state: State) -> None:
    """Take note of the lists that were empty and have got one element for each of the list that is walked."""
    steady = {of(symbol) for symbol, change in whole.carried.changes.items() if change.least_gain == 1}
    for cell, value in whole.carried.values.items() if steady else ():
        begun, now = whole.before.cells.get(cell), state.cells[cell]
        if not (isinstance(begun, Listing) and isinstance(value, Listing) and isinstance(now, Listing)):
            continue
        one_each = count(value.parts).high in steady and count(now.parts).high == count(source.parts).high
        if one_each and now.kind == "list" and not begun.parts:
            state.cells[cell] = replace(now, along=now.along | source.positions)


def _complete(rounds: Rounds, whole: Whole, state: State) -> None:
    """Take note of what the rounds say together about the lists that are walked: what is beside them, and None."""
    element, source, outcome = rounds.loop.item, rounds.source, whole.outcome
    if element is None or source is None:
        return
    _lay_beside(source, whole, state)
    for full in filled(outcome.backs, source, element, whole.before):
        now = state.held(full)
        if isinstance(now, (Listing, Dict)):
            state.store(filled_up(now))
    if not (element.lack or source.columns):
        return
    for one in in_all(outcome.backs, source, element):
        state.learn(without_none(one))
    tally(state, whole.carried, outcome.backs, source, element)
