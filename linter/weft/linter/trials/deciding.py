"""Where a decision falls: the last condition before something is passed on in one trial and not in another."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator

from weft.linter.trials.code import Passed, Test
from weft.linter.trials.outcomes import has_items, holds, without
from weft.linter.trials.playing import Asking
from weft.linter.trials.symbols import Symbol
from weft.linter.trials.worlds import Trial, Voters

__all__ = ["decisive", "judged", "parted", "partings", "truths"]


def truths(trial: Trial) -> dict[ast.AST, list[bool]]:
    """Return how each condition came out, one time after the other."""
    found: dict[ast.AST, list[bool]] = defaultdict(list)
    for note in trial.notes:
        if isinstance(note, Test):
            found[note.node].append(note.truth)
    return found


def parted(kept: Trial, dropped: Trial, voters: Voters) -> int | None:
    """Return the first place among the notes of a trial where something is passed on that is not in another."""
    told = voters.nodes, voters.choices
    return next((at for at, value in partings(kept, dropped, told) if has_items(value)), None)


Told = tuple[frozenset[ast.Call], frozenset[object]]
"""Some voters, and those of their words that are left out of what is passed on."""


def partings(kept: Trial, dropped: Trial, told: Told) -> Iterator[tuple[int, object]]:
    """Yield where among the notes of a trial something is passed on that is not in another, and what that is."""
    others = Counter(_kept(note, told) for note in dropped.notes if isinstance(note, Passed))
    for at, note in enumerate(kept.notes):
        if isinstance(note, Passed):
            one = _kept(note, told)
            others[one] -= 1
            if others[one] < 0:
                yield at, one[-1]


def _kept(note: Passed, told: Told) -> tuple[ast.AST, ast.AST | None, object]:
    return note.node, None if note.into is None else note.into.node, _passed(note, told)


def _passed(note: Passed, told: Told) -> object:
    """Return what is passed on, without what some voters themselves have said, of whom these are the choices.

    Numbers are left out, those among them that other agents were told on the way.
    """
    if told not in note.known:
        nodes, choices = told
        note.known[told] = without(note.frozen(), nodes, numbers=False, choices=choices, whole=False, counts=False)
    return note.known[told]


def decisive(kept: Trial, dropped: Trial, like: Trial, voters: Voters) -> ast.AST | None:
    """Return the condition by which two trials part, and which comes out in a third one as in the first.

    It is the last one before something is passed on in the first trial only.
    """
    there, third = truths(dropped), truths(like)
    told = voters.nodes, voters.choices
    ends = {at for at, value in partings(kept, dropped, told) if has_items(value)}
    times: Counter[ast.AST] = Counter()
    plain: ast.AST | None = None
    found: ast.AST | None = None
    returned: Passed | None = None
    for index, note in enumerate(kept.notes):
        if index in ends and (found or plain):
            break
        if not isinstance(note, Test):
            if isinstance(note, Passed) and isinstance(note.node, ast.Return):
                returned = note
            continue
        at = times[note.node]
        times[note.node] += 1
        others, likes = there.get(note.node, []), third.get(note.node, [])
        if at < len(others) and at < len(likes) and likes[at] is note.truth and others[at] is not note.truth:
            if note.plain:
                plain = plain or _handed_by(note, returned)
            else:
                found = note.node
    return found or plain


def _handed_by(note: Test, returned: Passed | None) -> ast.AST:
    """Return where a condition gets its yes or no from: what a function that it calls has returned last, or itself."""
    node = note.node.value if isinstance(note.node, ast.Await) else note.node
    if isinstance(node, ast.Call) and returned is not None and returned.value is note.truth:
        return returned.node
    return note.node


def judged(kept: Trial, dropped: Trial, voters: Voters) -> bool:
    """Tell whether the voters judge what is kept in one trial and not in another, and do not only say when to stop.

    Then they are as many in both, or were asked about it before.
    """
    at = parted(kept, dropped, voters)
    if len(voters.among(kept)) == len(voters.among(dropped)):
        return True
    if at is None:
        return False
    note = kept.notes[at]
    waiting, parts = [note.frozen() if isinstance(note, Passed) else None], list[object]()
    while waiting:
        one = waiting.pop()
        if isinstance(one, tuple):
            waiting += one[1:]
        elif isinstance(one, (Symbol, str)) and one:
            parts.append(one)
    told = [
        (one.prompt, one.options) for one in kept.notes[:at] if isinstance(one, Asking) and one.node in voters.nodes
    ]
    return any(holds(one, part) or _written(one, part) for one in told for part in parts)


def _written(told: tuple[object, object], part: object) -> bool:
    return isinstance(part, str) and isinstance(told[0], str) and part in told[0]
