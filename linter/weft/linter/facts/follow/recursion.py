"""Recursion: a proof of how deep a function calls itself, and what is known of all its calls where there is none.

A call by itself is seen as the next round of a loop. One call of whichever depth is followed, with arguments made
general enough for any. What it gives to the calls that it makes says which argument moves towards a limit, and what it
costs besides them says what all of them cost. Where few calls are left, they are followed one by one.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from itertools import permutations

from weft.linter.facts.domain.amounts import ZERO, Amount, Symbol, endless, minimum, of
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.code import CALLABLE, Either, Function, Instance
from weft.linter.facts.domain.contained import children, contents
from weft.linter.facts.domain.cost import Agents, Choice, Costs, Repeat, agents, started, tokens
from weft.linter.facts.domain.evaluation import supremum
from weft.linter.facts.domain.given import as_listing, as_number
from weft.linter.facts.domain.growth import Carried
from weft.linter.facts.domain.holding import ANY, anything
from weft.linter.facts.domain.intervals import Differs, Interval, Less
from weft.linter.facts.domain.joins import count, element, joined
from weft.linter.facts.domain.meeting import join
from weft.linter.facts.domain.ranking import proofs
from weft.linter.facts.domain.reasons import Reason
from weft.linter.facts.domain.recurrences import solved
from weft.linter.facts.domain.state import Cell, State
from weft.linter.facts.domain.totals import forget_totals
from weft.linter.facts.domain.values import (
    CONTAINERS,
    UNEXPLAINED,
    Dict,
    Given,
    Listing,
    Number,
    Part,
    Seen,
    Unknown,
    Value,
)
from weft.linter.facts.events import Recurses
from weft.linter.facts.follow.machine import DEPTH, STEPS, Machine
from weft.linter.facts.follow.sharing import of_calls, shared_out
from weft.linter.facts.follow.stack import Frame, Pass, Recursion
from weft.linter.record import replace

__all__ = ["recursive", "running"]

_DEPTH = 20
"""How deep calls may nest for a function that calls itself to be followed like any other, without a proof."""

_STEPS = STEPS // 5
"""How many steps may be taken on that; the others are left for the rest of the harness."""

_CALLS = 15
"""How many calls of a function by itself are followed one by one."""

_LEVELS = 64
"""How many levels of calls are added up one by one."""

_BITS = 64
"""How large the sum may become on the way."""

_INSTEAD = "give it a depth that begins at a small number, and return when it is 0"

Bound = Mapping[str, Value]
Follow = Callable[[Bound], Value]


def running(m: Machine, function: Function) -> list[Frame]:
    """Return the calls of a function that run here; within a call of whichever depth, only those that it has made."""
    begun = max((known.begun for known in m.recursions.values()), default=0)
    return [frame for frame in m.frames[begun:] if frame.closure == function.closure]


def recursive(m: Machine, function: Function, given: Bound, site: ast.AST, follow: Follow) -> Value:
    """Follow a call of a function that runs already, and return what is known of what it gives.

    `follow` follows one call.
    """
    known = m.recursions.get(function.closure)
    if known is not None:
        return _again(m, known, given, site)
    before = running(m, function)
    behind = m.frames[m.frames.index(before[-1]) + 1 :]
    if function.closure in m.depths:
        beyond = len(before) >= m.depths[function.closure]
        return Unknown(lack=UNEXPLAINED, why="it is proved not to be called so deep") if beyond else follow(given)
    if any(frame.closure in m.depths for frame in behind):  # a function on its way back to the one with the depth
        return follow(given)
    reason, how = _reason(m, function, site)
    tried = None
    if not before[0].unproved:
        tried = _tried(m, function, given, reason, follow)
        depth = _depth(tried)
        if depth is not None:
            return _to_a_depth(m, function, given, follow, (tried, depth, reason, how))
        before[0].unproved = True
    if _ends_soon(m, before, given):
        return follow(given)
    return _without_end(m, tried or _tried(m, function, given, reason, follow), site, reason, how)


# One call of whichever depth


def _tried(m: Machine, function: Function, given: Bound, reason: Reason, follow: Follow) -> Recursion:
    """Follow a call of whichever depth, until it is known what it may be given and what it may change."""
    before, noted = m.state, len(m.events)
    first = running(m, function)[-1].given
    known = Recursion(len(m.frames), Carried(object()), _symbol("agents", reason), _symbol("tokens", reason))
    begun, now = (_opened(m.state, known, values) for values in (first, given))
    _generalise(known, begun, now)
    m.recursions[function.closure] = known
    seen: set[Cell] | None = None
    more = True
    while more or seen != known.changed.keys():
        seen = set(known.changed)
        known.backs, known.sites = [], []
        m.state = before.fork()
        m.state.cost = ()
        _lose(m, known.changed, reason, known.shared)
        m.state.cells |= {cell: value for cell, value in known.carried.values.items() if cell[0] is not known}
        cells = dict(m.state.cells)
        with m.apart() as ways, m.no_further_than(Pass.TRIAL):
            follow(_heads(known))
        ended = join([m.state], ways.raises)
        known.cost = ended.cost
        new = {cell: ended.cells[cell] for cell, value in cells.items() if ended.cells.get(cell, value) is not value}
        outer = {cell: value for cell, value in known.changed.items() if cell in cells}  # others end with the call
        known.changed = outer | {cell: value for cell, value in new.items() if cell not in known.carried.values}
        more = known.carried.widen(known.backs)
    known.carried.measure(known.backs)
    del m.events[noted:], m.recursions[function.closure]
    m.state = before
    return known


def _symbol(name: str, reason: Reason) -> Symbol:
    return Symbol(name, most=endless(reason))


def _opened(state: State, known: Recursion, given: Bound) -> dict[Cell, Value]:
    """Return arguments as variables, with the attributes of objects as variables of their own."""
    found: dict[Cell, Value] = {(known, name): value for name, value in given.items()}
    for name, value in given.items():
        if isinstance(value, Instance):
            own = {str(cell[1]): held for cell, held in state.cells.items() if cell[0] is value.birth}
            found |= {(known, f"{name}.{attribute}"): held for attribute, held in own.items()}
    return found


def _generalise(known: Recursion, begun: Mapping[Cell, Value], now: Mapping[Cell, Value]) -> None:
    """Make arguments general: those that differ from call to call, and the objects that are made for each."""
    for cell, value in now.items():
        old = _like(begun.get(cell, value), value)
        if isinstance(value, Instance) and isinstance(old, Instance) and value.of is old.of:
            known.carried.values[cell] = value
            if value.birth is not old.birth:
                known.objects[str(cell[1])] = Birth(value.birth.line)
        elif old is value or isinstance(value, CALLABLE):
            known.carried.values[cell] = value if old is value else joined([old, value])
        elif isinstance(old, Number) and isinstance(value, Number) and (old.low, old.high) == (value.low, value.high):
            known.carried.values[cell] = joined([old, value])
        else:
            known.carried.add(cell, old, value)
    for cell in [*known.carried.values]:
        name, _, attribute = str(cell[1]).partition(".")
        if attribute and name in known.objects:
            known.carried.values[known.objects[name], attribute] = known.carried.values.pop(cell)
        elif attribute:
            del known.carried.values[cell]


def _like(old: Value, value: Value) -> Value:
    """Return an argument of the run as what later calls are given instead of it."""
    if isinstance(old, Given):
        return as_listing(old) if isinstance(value, Listing) else as_number(old) if isinstance(value, Number) else old
    return old


def _heads(known: Recursion) -> dict[str, Value]:
    """Return what a call of whichever depth is given."""
    heads = {str(cell[1]): value for cell, value in known.carried.values.items() if cell[0] is known}
    return {
        name: replace(value, birth=known.objects[name])
        if isinstance(value, Instance) and name in known.objects
        else value
        for name, value in heads.items()
    }


def _again(m: Machine, known: Recursion, given: Bound, site: ast.AST) -> Value:
    """Follow a call that the call of whichever depth makes."""
    _add(m, known, given)
    back = m.state.fork()
    opened = _opened(m.state, known, {name: m.latest(value) for name, value in given.items()})
    for cell, head in known.carried.values.items():
        if cell[0] is known:
            back.cells[cell] = head if isinstance(head, (Instance, *CALLABLE)) else opened.get(cell, ANY)
        elif m.state.cells.get(cell) is head:
            name = next(name for name, birth in known.objects.items() if birth is cell[0])
            back.cells[cell] = opened.get((known, f"{name}.{cell[1]}"), ANY)
        else:  # it is not what it was when the call began, so no limit that was tested tells of it
            back.cells[cell] = ANY
    known.backs.append(back)
    known.sites.append(site)
    why = f"{getattr(site, 'lineno', 0)}"
    _lose(m, known.changed, known.agents.most.reasons[0])
    m.state.cost += (Agents(getattr(site, "lineno", 0), why, ZERO, of(known.agents), of(known.tokens)),)
    return Unknown(lack=UNEXPLAINED, why=known.agents.most.reasons[0].why)


def _add(m: Machine, known: Recursion, given: Bound) -> None:
    """Take in what one more call is given: a function, which it may call, or a container, which it may change."""
    heads = _heads(known)
    births = {value.birth for value in heads.values() if isinstance(value, CONTAINERS)}
    for name, value in given.items():
        old = heads.get(name, value)
        options = old.options if isinstance(old, Either) else (old,)
        if isinstance(old, CALLABLE) and isinstance(value, CALLABLE) and value not in options:
            known.carried.values[known, name] = joined([old, value])
        others = {inner.birth for inner in contents(value) if isinstance(inner, CONTAINERS)} - births
        held = ((cell, held) for cell, held in m.state.cells.items() if isinstance(held, CONTAINERS))
        known.changed |= {cell: held for cell, held in held if held.birth in others and cell[0] is not known}


# With a proof


def _depth(known: Recursion, calls: slice = slice(None), *, meets: bool = False) -> Amount | None:
    """Return how many calls can lead from the first one to the deepest; `None` where nothing proves an end.

    `calls`: which of the calls that it makes lead there; `meets`: lengths jump over none that a test asks for.
    """
    if not known.backs[calls]:
        return None
    limits, changes = known.limits(calls), known.carried.changes
    lengths = {of(change.symbol) for change in changes.values() if change.floor} if meets else frozenset[Amount]()
    apart = [pair for fact in limits if isinstance(fact, Differs) for pair in permutations((fact.one, fact.other))]
    limits |= {Less(other, length) for length, other in apart if length in lengths}
    starts = {symbol: change.start for symbol, change in changes.items()}
    found = [proof.rounds for proof in proofs(starts, known.carried.paths[calls], limits)]
    return minimum(*found) if found else None


def _astray(known: Recursion, site: ast.AST) -> ast.AST:
    """Return the first call that by itself would lead to no end; `site` where none does."""
    alone = ((known.sites[at], _depth(known, slice(at, at + 1))) for at in range(len(known.sites)))
    return next((one for one, depth in alone if depth is None), site)


def _to_a_depth(
    m: Machine, function: Function, given: Bound, follow: Follow, proved: tuple[Recursion, Amount, Reason, str]
) -> Value:
    """Follow calls one by one where few are left, and otherwise reckon what all of them cost."""
    known, depth, reason, how = proved
    before, most = running(m, function), supremum(depth)
    level = len(m.frames) - m.frames.index(before[-1])
    nested = len(m.frames) + level * most < DEPTH
    if nested and m.steps < _STEPS and _number(len(known.backs), int(most)) <= _CALLS:
        m.depths[function.closure] = len(before) + int(most)
        try:
            return follow(given)
        finally:
            del m.depths[function.closure]
    _lose(m, known.changed, reason)
    _, after = solved(known.carried.changes.values(), Interval(ZERO, depth), Symbol("level", most=depth))
    if not _starts(known, known.cost):
        return Unknown(lack=UNEXPLAINED, why=f"{how}, to a depth of {depth.text()}")
    own, spent = after.highest(agents(known.cost)), after.highest(tokens(known.cost))
    shared = shared_out(known, given)
    total, taken = (
        of_calls(one, symbol, shared, len(known.backs)) or _added_up(one, symbol, depth)
        for one, symbol in ((own, known.agents), (spent, known.tokens))
    )
    total, taken = (endless(reason) if one is None else one for one in (total, taken))
    m.state.cost += (Agents(reason.line, how, ZERO, total, taken),)
    return Unknown(lack=UNEXPLAINED, why=f"{how}, to a depth of {depth.text()}")


def _starts(known: Recursion, costs: Costs) -> bool:
    """Tell whether a call starts agents besides those of the calls that it makes."""
    for cost in costs:
        match cost:
            case Agents(high=high):
                if high not in (ZERO, of(known.agents)):
                    return True
            case Repeat(body=body):
                if _starts(known, body):
                    return True
            case Choice(options=options):
                if any(_starts(known, option) for option in options):
                    return True
    return False


def _number(branches: int, levels: int) -> int:
    """Return how many calls there are when each makes so many others, as far as it matters."""
    total, level = 0, 1
    for _ in range(levels):
        level *= branches
        total += level
        if total > _CALLS:
            break
    return total


def _added_up(own: Amount, again: Symbol, levels: Amount) -> Amount | None:
    """Return what so many levels of calls come to, when `own` says what one does with those that it makes."""
    apart = own - of(again)
    if not own.reasons and again not in apart.symbols():
        return levels * apart
    most = supremum(levels)
    if own.reasons or most > _LEVELS:
        return None
    total = ZERO
    for _ in range(int(most)):
        total = own.substitute({again: total})
        if max((abs(times) for _, times in total.terms), default=0).bit_length() > _BITS:
            return None
    return total


# Without one


def _ends_soon(m: Machine, before: list[Frame], given: Bound) -> bool:
    """Tell whether a call can be followed like any other: what it is given shrinks."""
    if len(m.frames) >= _DEPTH or m.steps >= _STEPS:
        return False
    last = before[-1].given
    return any(_shrinks(last[name], given[name]) for name in given.keys() & last.keys())


def _shrinks(before: Value, now: Value) -> bool:
    """Tell whether an argument is smaller than it was, or one of the arguments that are given as a tuple."""
    match before, now:
        case Listing(kind="tuple", parts=parts), Listing(kind="tuple", parts=others) if len(parts) == len(others):
            return any(_shrinks(part.element, other.element) for part, other in zip(parts, others, strict=True))
    return _measure(now) < _measure(before)


def _measure(value: Value) -> float:
    """Return a size that recursion can shrink; infinity where there is none."""
    match value:
        case Number(high=high):
            size = high.constant
        case Listing(parts=parts):
            total = [part.count.high.constant for part in parts]
            size = None if None in total else sum(part or 0 for part in total)
        case Dict():
            return _height(value, 0)
        case _:
            size = None
    return float("inf") if size is None else size


def _height(value: Value, depth: int) -> float:
    """Return how deep records are nested in a record, as those of a tree that is written down are."""
    if depth > _DEPTH:
        return float("inf")
    return max((1 + _height(inner, depth + 1) for inner in children(value)), default=0)


def _without_end(m: Machine, known: Recursion, site: ast.AST, reason: Reason, how: str) -> Value:
    """Know what calls may change that nothing ends: not how large it is then, nor how many agents they start."""
    _lose(m, known.changed, reason)
    empty = any(loop.over is not None and count(loop.over.parts).high == ZERO for loop in m.loops)
    if not empty and _starts(known, known.cost):
        doubtful = _is_limited(known) or _depth(known, meets=True) is not None
        m.note(Recurses(_astray(known, site), how, doubtful))
        m.state.cost += (started(reason.line, how, Interval(ZERO, endless(reason))),)
    return Unknown(lack=UNEXPLAINED, why=reason.why)


def _is_limited(known: Recursion) -> bool:
    """Tell whether each call is made under a condition that something which all calls share is not too large."""
    shared = known.shared | {symbol for symbol, change in known.carried.changes.items() if change.floor}
    return any(isinstance(fact, Less) and not fact.small.symbols().isdisjoint(shared) for fact in known.limits())


def _reason(m: Machine, function: Function, site: ast.AST) -> tuple[Reason, str]:
    name = _name(function.node)
    last = max(index for index, frame in enumerate(m.frames) if frame.closure == function.closure)
    way = [_name(frame.node) for frame in m.frames[last + 1 :]]
    how = f"{name} calls itself" + (f" by way of {' and '.join(way)}" if way else "")
    why = f"{how}, and no depth is proved at which that ends"
    return Reason(getattr(site, "lineno", 0), why, _INSTEAD, "recursion", f"{name}(…)"), how


def _name(node: ast.AST) -> str:
    return getattr(node, "name", "a lambda")


def _lose(m: Machine, changed: Mapping[Cell, Value], reason: Reason, sizes: set[Symbol] | None = None) -> None:
    """Forget how large variables are that calls without number may change; give names to their sizes in `sizes`."""
    for cell in changed.keys() & m.state.cells.keys():
        value = joined([m.state.current(m.state.cells[cell]), changed[cell]])
        m.consume(value)
        size = Interval(ZERO, endless(reason))
        if sizes is not None and isinstance(value, (*CONTAINERS, Number)):
            symbol = Symbol("shared", most=endless(reason))
            sizes.add(symbol)
            size = Interval(of(symbol), of(symbol))
        m.state.cells[cell] = _of_any_size(value, size, reason)
        if isinstance(value, CONTAINERS):
            m.state.cells = forget_totals(m.state.cells, value.birth)


def _of_any_size(value: Value, size: Interval, reason: Reason) -> Value:
    """Return a value as it may be at any depth; a container stays the one that it is."""
    match value:
        case Listing():
            found = element(value)
            return replace(value, parts=() if found is None else (Part(size, found),), root=None, when=None)
        case Dict():
            unknown = replace(value, fields={}, schema=None, keys=ANY, values=ANY, rest=size, open=True, root=None)
            return replace(unknown, present=frozenset[object]())
        case Seen():
            return replace(value, size=size, root=None)
        case Number():
            return Number(low=None if size.high.reasons else size.low, high=size.high, marks=value.marks)
    return value if isinstance(value, CALLABLE) else anything(reason.why, value)
