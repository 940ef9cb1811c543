"""Votes that are counted together: it does not matter which of them says what, only how many do."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from weft.linter.trials.deciding import decisive
from weft.linter.trials.outcomes import comparable, without
from weft.linter.trials.playing import Asking
from weft.linter.trials.symbols import Symbol, symbols_in
from weft.linter.trials.worlds import Harness, Setting, Trial, Voters

__all__ = ["Counted", "asked_alike", "asked_apart", "lenses_alike", "shown_votes"]

_PAIRS = 4
"""How many pairs of votes of one kind are tried."""


class Counted(NamedTuple):
    """Two votes that are counted together."""

    first: Asking
    second: Asking
    votes: int
    """How many are asked the same as the first."""
    place: ast.AST | None
    """Where the count decides."""


def asked_alike(harness: Harness) -> Iterator[Counted]:
    """Yield votes that are counted together, and that are asked the very same."""
    for voters, setting, asked in _panels(harness):
        alike = dict[object, list[int]]()
        for at, one in enumerate(asked):
            if _known(one):
                alike.setdefault((one.prompt, one.options), []).append(at)
        same = [places for places in alike.values() if len(places) > 1][:_PAIRS]
        yield from _first(_counted(harness, voters, setting, asked, (ats[0], ats[1]), len(ats)) for ats in same)


def lenses_alike(harness: Harness) -> Iterator[tuple[Asking, int]]:
    """Yield each call of `verify` that gives several skeptics one lens, and how many."""
    for voters in harness.voters:
        trial = harness.told(voters, voters.answers[0], Setting()) if voters.verify else None
        for asking in voters.among(trial)[:1] if trial is not None else ():
            lenses = dict(asking.options[1:]).get("lenses") if isinstance(asking.options, tuple) else None
            most = max(map(lenses[1:].count, lenses[1:]), default=0) if isinstance(lenses, tuple) else 0
            if most > 1:
                yield asking, most


def shown_votes(harness: Harness) -> Iterator[Counted]:
    """Yield votes that are counted together, of which the later one is told what the earlier one said."""
    for voters, setting, asked in _panels(harness):
        other = harness.told(voters, harness.poles(voters, setting)[1], setting)
        changed = voters.among(other) if other is not None else []
        before, after = ([_bare(one, voters) for one in several] for several in (asked, changed))
        heard = [_heard(one) for one in asked]
        told = [
            (i, j)
            for j in range(1, min(len(asked), len(changed)))
            for i in range(j)
            if before[j] != after[j] or asked[i].identity in heard[j]
        ]
        yield from _first(_told(harness, voters, setting, asked, pair) for pair in told[:_PAIRS])


def _told(
    harness: Harness, voters: Voters, setting: Setting, asked: list[Asking], pair: tuple[int, int]
) -> Counted | None:
    """Return two votes that are counted together if the later one is told of the earlier one."""
    size, (yes, no) = len(asked), harness.poles(voters, setting)
    other = _with(harness, voters, setting, size, [yes], {pair[0]: no})
    then = voters.among(other) if other is not None else []
    if len(then) < size or (
        _bare(then[pair[1]], voters) == _bare(asked[pair[1]], voters)
        and asked[pair[0]].identity not in _heard(asked[pair[1]])
    ):
        return None
    return _counted(harness, voters, setting, asked, pair, 2)


def asked_apart(voters: Voters, trial: Trial) -> bool:
    """Tell whether each of some voters is asked about something of its own."""
    matters = [frozenset(_matters(one, voters)) for one in voters.among(trial)]
    return len(set(matters)) == len(matters)


def _first(found: Iterator[Counted | None]) -> Iterator[Counted]:
    first = next((one for one in found if one is not None), None)
    if first is not None:
        yield first


def _panels(harness: Harness) -> Iterator[tuple[Voters, Setting, list[Asking]]]:
    """Yield voters of whom there are several, and what they are asked."""
    for voters in harness.voters:
        votes = not voters.verify and not voters.numbers
        for setting in harness.settings if votes else ():
            trial = harness.told(voters, voters.answers[0], setting)
            asked = voters.among(trial) if trial is not None else []
            if len(asked) > 1:
                yield voters, setting, asked
                break


def _counted(
    harness: Harness, voters: Voters, setting: Setting, asked: list[Asking], pair: tuple[int, int], votes: int
) -> Counted | None:
    """Return two votes if it does not matter which of them says yes, but how many of them do.

    If they are about matters of their own, it must matter to more than a number, and nothing may be left of either.
    Where the result tells them one by one as well, what is decided beside that must be open whether those who are asked
    besides say yes or no: it is no count if all must say yes, as of steps, or if one yes is enough, as of attempts.
    """
    first, second = (asked[at] for at in pair)
    yes, no = harness.poles(voters, setting)
    matters = _matters(first, voters)
    same = matters == _matters(second, voters)
    told = partial(without, nodes=voters.nodes if same else frozenset(), numbers=same, whole=False)
    besides = [at for at, voter in enumerate(asked) if at not in pair and _matters(voter, voters) == matters]
    open_to, found = set[int](), None
    for others in ([yes], [no], [yes, no]):
        cast = partial(_cast, harness, voters, setting, len(asked), others, pair)
        agreed = cast((yes, yes), (no, no))
        if agreed is None:
            return None
        both, neither = (told(trial.result) for trial in agreed)
        if both == neither or comparable(*(told(trial.result, words=True) for trial in agreed)):
            continue
        parted = cast((yes, no), (no, yes))
        if parted is None:
            return None
        one, other = (told(trial.result) for trial in parted)
        if apart := one != other:
            pairs = [*_alike_in(one, other, both, neither)]
            both, neither = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        if both != neither:
            open_to |= {id(others[at % len(others)]) for at in besides}
            found = found or Counted(first, second, votes, decisive(agreed[0], agreed[1], agreed[0], voters))
            if len(open_to) > 1 or not apart:
                return found
    return None


def _alike_in(one: object, other: object, both: object, neither: object) -> Iterator[tuple[object, object]]:
    """Yield what two further results have where the first two say the same yes or no.

    So what the votes decide together is told apart from what tells them one by one beside it.
    """
    results = one, other, both, neither
    if one == other:
        if isinstance(one, bool):
            yield both, neither
    elif len(set(map(_shape, results))) == 1:
        first, second, *rest = map(_entries, results)
        for key in first.keys() & second.keys():
            yield from _alike_in(first[key], second[key], *(held.get(key) for held in rest))


def _shape(result: object) -> object:
    """Return what kind of thing a result is, and how long if it is a list."""
    return (result[0], result[0] == "list" and len(result)) if isinstance(result, tuple) and result else None


def _entries(result: object) -> dict[object, object]:
    """Return what stands in a dict or list, by its name or position."""
    if not isinstance(result, tuple) or result[0] not in ("dict", "list"):
        return {}
    return dict(result[1:]) if result[0] == "dict" else dict(enumerate(result[1:]))


def _with(
    harness: Harness, voters: Voters, setting: Setting, size: int, others: list[object], said: dict[int, object]
) -> Trial | None:
    answers = tuple(said.get(at, others[at % len(others)]) for at in range(size))
    return harness.answered(voters, answers, others[0], setting)


def _cast(
    harness: Harness,
    voters: Voters,
    setting: Setting,
    size: int,
    others: list[object],
    pair: tuple[int, int],
    *ways: tuple[object, object],
) -> list[Trial] | None:
    """Return trials in which two of so many voters vote in these ways; `None` where not as many are asked in each."""
    found: list[Trial] = []
    for said in ways:
        trial = _with(harness, voters, setting, size, others, dict(zip(pair, said, strict=True)))
        if trial is None or len(voters.among(trial)) != size:
            return None
        found.append(trial)
    return found


def _heard(asking: Asking) -> set[Symbol]:
    """Return the answers that an agent is told, in their own words, but not those that these rest on."""
    found: set[Symbol] = set()
    met: set[Symbol] = set()
    waiting: list[object] = [asking.prompt, asking.options]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Symbol):
            if one.op == "answer":
                found.add(one)
            elif one not in met:
                met.add(one)
                waiting += one.parts
        elif isinstance(one, tuple):
            waiting += one
    return found


def _known(asking: Asking) -> bool:
    """Tell whether nothing that an agent is told comes of what trials do not know."""
    return not any(one.op in ("imported", "name", "offered") for one in symbols_in((asking.prompt, asking.options)))


def _matters(asking: Asking, voters: Voters) -> set[Symbol]:
    """Return the elements of lists that an agent is asked about."""
    return {one for one in symbols_in(_bare(asking, voters)) if one.op in ("element", "said") and _is_place(one)}


def _is_place(one: Symbol) -> bool:
    return isinstance(one.parts[1], int)


def _bare(asking: Asking, voters: Voters) -> object:
    """Return what an agent is told, without what others than the voters have made of what was said before."""

    known: dict[Symbol, object] = {}

    def bare(value: object) -> object:
        if isinstance(value, Symbol):
            if value not in known:
                known[value] = anew(value)
            return known[value]
        return tuple(map(bare, value)) if isinstance(value, tuple) else value

    def anew(value: Symbol) -> object:
        if value.op == "answer":
            return None if value.parts[0] in voters.nodes else Symbol("answer", value.parts[0])
        return Symbol(value.op, *map(bare, value.parts))

    return bare((asking.prompt, asking.options))
