"""Following a loop to its fixpoint: a survey, trial rounds until nothing more changes, one round for the record.

A survey is one round that guesses which variables a loop carries. Trials begin with values made general enough for any
round, so that the last one proves what changes and by how much. Only the round for the record keeps events and costs.
In the rounds of a loop, the loops within it are followed no further than that round is for, so that each level of
nesting adds trials and does not multiply them. The same mechanism follows `for` and `while` loops, comprehensions, and
the branches of a fan-out.
"""

from __future__ import annotations

from collections.abc import Iterable

from weft.linter.effort import TooComplex
from weft.linter.facts.domain.amounts import ONE, ZERO, Amount, Symbol, endless, minimum, number, of
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.contained import deep_marks, mapped
from weft.linter.facts.domain.cost import Costs
from weft.linter.facts.domain.counts import choose
from weft.linter.facts.domain.growth import Carried
from weft.linter.facts.domain.intervals import Differs, Interval, Less, lowest
from weft.linter.facts.domain.marks import FROM_AGENTS, NO_MARKS, Mark, Marks, about, aged
from weft.linter.facts.domain.meeting import join
from weft.linter.facts.domain.ranking import Proof, proofs, staged
from weft.linter.facts.domain.recurrences import lessened, solved
from weft.linter.facts.domain.refit import Ends
from weft.linter.facts.domain.state import Cell, State
from weft.linter.facts.domain.sums import minus
from weft.linter.facts.domain.ties import tied, ties
from weft.linter.facts.domain.values import Value, marked
from weft.linter.facts.follow.finishing import finish, left_under, mixed
from weft.linter.facts.follow.gathering import counted, look_for_totals
from weft.linter.facts.follow.levels import level_by_level
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.rounds import Outcome, Rounds, Whole, grows
from weft.linter.facts.follow.stack import Pass
from weft.linter.facts.follow.unbounded import explain, paces, worked_off
from weft.linter.facts.follow.unrolling import one_by_one
from weft.linter.facts.repeating import Loop
from weft.linter.record import replace

__all__ = ["repeat"]

_TRIALS = 30
"""How many rounds may be tried until nothing more changes."""


def repeat(m: Machine, rounds: Rounds) -> None:
    """Follow a loop, and go on with what holds after it."""
    before, goal, events = m.state, m.goal, len(m.events)
    walked = rounds.walked
    index = _index(rounds.loop, walked.high)
    carried = Carried(rounds.loop)
    outcome, exact = _survey(m, rounds, before, index)
    changed = _changed(before, outcome.backs) | _born(rounds, before, outcome.backs)
    if exact and not changed and (times := _plainly(rounds, carried, outcome, index)) is not None:
        finish(m, rounds, _unchanging(before, outcome, carried, times))  # there is nothing more to find out
        return
    m.passes += 1
    if goal is Pass.SURVEY:
        carried.join(before, outcome.backs, changed)
        proof = _proof(carried, outcome, index)
        finish(m, rounds, Whole(before, outcome, carried, proof, _times(walked, outcome, proof)))
        return
    if not changed and rounds.times is not None and not walked.high.reasons:
        del m.events[events:]
        outcome = _round(m, rounds, before, of(index))
        changed = _changed(before, outcome.backs) | _born(rounds, before, outcome.backs)
        if not changed:
            finish(m, rounds, _unchanging(before, outcome, carried, walked))
            return
    m.drop(events)  # what follows is not for the record
    finish(m, rounds, _changing(m, rounds, carried, before, outcome, index, events))


def _changing(
    m: Machine, rounds: Rounds, carried: Carried, before: State, outcome: Outcome, index: Symbol, events: int
) -> Whole:
    """Follow a loop that changes what it carries: any round, then one for the record, and how many there can be."""
    goal, walked = m.goal, rounds.walked
    head, outcome = _tried(m, rounds, carried, before, outcome, index)
    carried.measure(outcome.backs, outcome.entered)
    proof = _proof(carried, outcome, index)
    times = _times(walked, outcome, proof)
    del m.events[events:]
    single = None
    if times.high.reasons or grows(rounds, carried):
        alone = goal is Pass.RECORD and bool(outcome.cost)
        single = _singly(m, rounds, before) if alone else None
        entries = _by_levels(m, rounds, carried, before, (head, outcome)) if alone and single is None else None
        times = Interval(ZERO, entries or _unproved(m, rounds, carried, (head, outcome), times.high))
        if single is not None:
            rounds.loop.cause, times = None, Interval(ZERO, number(len(single)))
    known = _index(rounds.loop, times.high)
    during, after = solved(carried.changes.values(), times, known)
    during.low[index] = during.high[index] = of(known)
    if goal is Pass.RECORD:
        head = _head(before, carried, rounds, during)
        outcome = _round(m, rounds, head, of(known))
    else:
        outcome.fit(during)
        during.fit_all(head)
        if rounds.refit is not None:
            rounds.refit(during)
    carried.conclude(head, outcome.backs)
    return Whole(before, outcome, carried, proof, times, single, after)


def _singly(m: Machine, rounds: Rounds, before: State) -> list[Costs] | None:
    """Return what each round costs, where a condition ends the loop after a few that are followed one by one."""

    def follow(begun: State, index: int) -> tuple[list[State], Costs]:
        outcome = _round(m, rounds, begun, number(index))
        return outcome.backs, outcome.cost

    test = rounds.loop.header
    return one_by_one(m, test, before, follow) if rounds.times is None and test is not None else None


def _by_levels(
    m: Machine, rounds: Rounds, carried: Carried, before: State, last: tuple[State, Outcome]
) -> Amount | None:
    """Return how many entries a loop works off, where each that is put back has a number that only goes so far."""
    head, outcome = last
    limits = frozenset[Less | Differs].intersection(*(state.limits for state in outcome.backs))
    queues = counted(carried, worked_off(carried.changes.values(), limits)) if rounds.times is None else ()
    return level_by_level(m, before, head, queues, lambda begun: _round(m, rounds, begun, ZERO).backs)


def _unproved(m: Machine, rounds: Rounds, carried: Carried, last: tuple[State, Outcome], walked: Amount) -> Amount:
    """Note why the rounds have no number, and return the bound that says so; `last` is the last trial round."""

    def again(begun: State) -> tuple[list[State], list[State]]:
        outcome = _round(m, rounds, begun, ZERO)
        return outcome.backs, outcome.leaving

    (head, outcome), loop = last, rounds.loop
    bound = _unbounded(rounds, carried, outcome, walked)
    if loop.cause in ("answer", "exitless") and outcome.cost and look_for_totals(m, loop, carried, head, again):
        loop.cause = "stalls"
    return bound


def _plainly(rounds: Rounds, carried: Carried, outcome: Outcome, index: Symbol) -> Interval | None:
    """Return how many rounds there are where nothing but the list that is walked decides it; `None` elsewhere."""
    walked = rounds.times
    if walked is None or not walked.high.reasons:
        return walked
    if _proof(carried, outcome, index) is not None or _unbounded(rounds, carried, outcome, walked.high) != walked.high:
        return None
    return Interval(ZERO, walked.high)


def _survey(m: Machine, rounds: Rounds, before: State, index: Symbol) -> tuple[Outcome, bool]:
    """Follow a first round, and tell whether it is as good as one for the record."""
    passes = m.passes
    with m.no_further_than(Pass.SURVEY):
        outcome = _round(m, rounds, before, of(index))
    return outcome, m.passes == passes


def _tried(
    m: Machine, rounds: Rounds, carried: Carried, before: State, outcome: Outcome, index: Symbol
) -> tuple[State, Outcome]:
    """Follow rounds that begin with ever more general values, until none changes more; return the last one."""
    changed = _changed(before, outcome.backs) | _born(rounds, before, outcome.backs)
    carried.ties = ties((before, *outcome.backs), _given(changed, before, outcome.backs))
    for _ in range(_TRIALS):
        _generalise(carried, before, outcome.backs, changed)
        head = _head(before, carried, rounds, Ends())
        with m.no_further_than(Pass.TRIAL):
            outcome = _round(m, rounds, head, of(index))
        more = carried.widen(outcome.backs)
        changed = (_changed(head, outcome.backs) | _born(rounds, head, outcome.backs)) - carried.values.keys()
        kept = carried.ties and carried.ties & ties(outcome.backs, _given(carried.values, head, outcome.backs))
        if not changed and not more and kept == carried.ties:
            return head, outcome
        carried.ties = kept
    raise TooComplex


def _given(changed: Iterable[Cell], begun: State, backs: list[State]) -> dict[Cell, Value]:
    """Return what the variables hold when a round begins that it changes, and those to which it gives a value."""
    given = {
        cell: value
        for back in backs
        for cell, value in back.cells.items()
        if cell not in begun.cells and value.lack is not None and not isinstance(cell[0], Value)
    }
    return given | {cell: begun.cells[cell] for cell in changed if cell in begun.cells}


def _unchanging(before: State, outcome: Outcome, carried: Carried, walked: Interval) -> Whole:
    """Return what is known of a loop whose rounds change nothing."""
    proof = None if outcome.backs else Proof(ZERO, None)
    return Whole(before, outcome, carried, proof, _times(walked, outcome, proof))


def _index(loop: Loop, times: Amount) -> Symbol:
    last = minus(times, ONE) if times.constant == 0 else times if times.reasons else times - ONE
    return Symbol("index", most=last, total=None if times.reasons else choose(times, 2), owner=loop)


def _round(m: Machine, rounds: Rounds, head: State, index: Amount) -> Outcome:
    """Follow one round from `head`."""
    frame = m.frame
    m.state = head.fork()
    rounds.ageing.begin(m.state)
    m.state.cost, m.state.told = (), head.told - {rounds.loop}
    frame.loops.append(rounds.loop)
    m.loops.append(rounds.loop)
    entered: frozenset[Less | Differs] = frozenset()
    with m.apart() as ways:
        if rounds.begin(index):
            entered = m.state.limits
            rounds.body()
        else:
            m.state.end()
    m.ways.refused |= ways.refused
    m.loops.pop()
    frame.loops.pop()
    backs = [state for state in (m.state, *ways.continues) if state.alive]
    for state in (*backs, *ways.breaks):
        rounds.ageing.end(state)
    return Outcome(backs, ways.breaks, entered, ways.returns, [join(ways.raises)] if ways.raises else [])


def _changed(before: State, backs: list[State]) -> set[Cell]:
    known = {**{cell: value for back in backs for cell, value in back.originals.items()}, **before.cells}
    return {cell for cell, value in known.items() for back in backs if back.cells.get(cell, value) is not value}


def _born(rounds: Rounds, before: State, backs: list[State]) -> set[Cell]:
    """Return the variables that a round gives a value first and asks for, so that later rounds find it there."""
    older = {owner for owner, _ in before.cells}
    return {
        cell
        for back in backs
        for cell in back.cells
        if cell in before.absent and cell not in before.cells and _is_older(cell[0], older, rounds.loop)
        if before.absent[cell] is not back.cells[cell]  # it is only given a value, on some path
    }


def _is_older(owner: object, older: set[object], loop: Loop) -> bool:
    """Tell whether the owner of a variable was there before the loop."""
    return owner in older or (isinstance(owner, Birth) and loop not in owner.loops)


def _generalise(carried: Carried, before: State, backs: list[State], changed: set[Cell]) -> None:
    after = join(backs)
    for cell, value in {**after.cells, **after.originals, **before.cells}.items():
        if cell in changed:
            carried.add(cell, before.current(value), after.current(after.cells[cell]))
    carried.originals |= after.originals


def _head(before: State, carried: Carried, rounds: Rounds, ends: Ends) -> State:
    """Return what holds when any round begins."""
    state = before.fork()
    earlier, heard = Mark("earlier", rounds.loop), Mark("heard", rounds.loop)
    known: dict[tuple[int, Marks], tuple[Value, Value]] = {}
    outermost = all(loop.kind == "branches" for loop in rounds.loop.place)
    for cell, value in carried.values.items():
        older = NO_MARKS if outermost or cell not in before.cells else deep_marks(before.cells[cell])
        some = mixed(cell, _aged(ends.fit(value), older, known), rounds.loop, carried.adds_to(cell))
        brought = bool(about(some.marks, *FROM_AGENTS))
        state.cells[cell] = marked(some, frozenset((earlier, heard) if brought else (earlier,)))
    state.originals |= {cell: value for cell, value in carried.originals.items() if cell in state.cells}
    state.cells |= tied(state.cells, carried.ties)
    return state


def _aged(value: Value, older: Marks, known: dict[tuple[int, Marks], tuple[Value, Value]]) -> Value:
    """Return a value with the marks that it has, all through, when another round begins."""
    key = (id(value), older)
    if key not in known:
        inner = mapped(value, lambda part: _aged(part, older, known))
        marks = aged(inner.marks, older)
        known[key] = (inner if marks is inner.marks else replace(inner, marks=marks), value)
    return known[key][0]


def _proof(carried: Carried, outcome: Outcome, index: Symbol) -> Proof | None:
    """Return what proves that the loop ends soonest; what its own condition says goes first."""
    if not outcome.backs:
        return Proof(ZERO, None)
    limits = frozenset[Less | Differs].intersection(*(state.limits for state in outcome.backs))
    starts = {symbol: change.start for symbol, change in carried.changes.items()} | {index: Interval(ZERO, ZERO)}
    next_index = of(index) + ONE
    paths = [{**path, index: (next_index, next_index)} for path in carried.paths or [{} for _ in outcome.backs]]
    found = [*proofs(starts, paths, limits), *proofs(starts, lessened(paths, carried.changes.values()), limits)]
    headed = [replace(proof, headed=True) for proof in found if proof.fact in outcome.entered]
    best = headed or found
    if not best:
        return staged(starts, paths, [state.limits for state in outcome.backs])
    return replace(best[0], rounds=minimum(*(proof.rounds for proof in best)))


def _times(walked: Interval, outcome: Outcome, proof: Proof | None) -> Interval:
    """Return how many rounds can begin; any of them may be the last where it can leave the loop."""
    low = lowest(walked.low, ONE) if outcome.leaving or not outcome.backs else walked.low
    if proof is None:
        return Interval(low, walked.high)
    proved = proof.rounds if proof.headed else proof.rounds + ONE
    return Interval(low, minimum(walked.high, proved))


def _unbounded(rounds: Rounds, carried: Carried, outcome: Outcome, walked: Amount) -> Amount:
    """Note why the rounds have no number, and return the bound that says so."""
    loop = rounds.loop
    loop.exits |= left_under(outcome)
    given = rounds.source is not None and rounds.source.kind not in (
        "view",
        "iterator",
    )  # others may be made while they are walked
    open_ends = ("iterator", "condition") if given else ("iterator", "condition", "loop")
    if walked.reasons and walked.reasons[0].kind not in open_ends:
        loop.cause, loop.reason = "list", walked.reasons[0]
        return walked
    limits = {fact for state in outcome.backs for fact in state.limits}
    explain(loop, carried.changes.values(), limits, grows=grows(rounds, carried))
    if loop.doubtful:
        loop.counts = counted(carried, paces(carried.changes.values(), limits, carried.paths))
    return endless(*([loop.reason] if loop.reason is not None else []))
