"""What the harness calls that which is kept in one trial and not in another, and the condition that it rests on."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator

from weft.linter.effort import inside
from weft.linter.trials.code import Passed, Test
from weft.linter.trials.deciding import truths
from weft.linter.trials.outcomes import added, has_items, holds, texts
from weft.linter.trials.symbols import frozen
from weft.linter.trials.worlds import Trial

__all__ = ["named_apart"]


def named_apart(here: Trial, there: Trial, said: Callable[[str], bool]) -> Iterator[ast.AST]:
    """Yield the conditions on which it rests that something is kept as what is `said`, in one trial and not in another.

    That is the text that it is or has; or the name of the list that it is kept in, or under which that is returned.
    """
    called: dict[ast.AST, set[str]] = defaultdict(set)
    for note in there.notes:
        if isinstance(note, Passed):
            called[note.node] |= set(texts(note.frozen()))
    kept, entries, labelled = (
        [*_only_here(here, there)],
        _Entries(added(here.result, there.result), said),
        list[object](),
    )
    for note, _ in kept:
        entries.take(added(note.frozen(), ("dict",)) if isinstance(note.value, dict) else ())
    for note, turn in kept:
        value = note.frozen()
        if not (has_items(value) or any(texts(value))) or any(holds(value, one) for one in labelled):
            continue
        if any(map(said, set(texts(value)) - called[note.node])):
            labelled.append(value)
        elif turn is None or not entries.tell(note, value):
            continue
        yield turn or note.node


def _only_here(here: Trial, there: Trial) -> Iterator[tuple[Passed, ast.AST | None]]:
    """Yield what is passed on in one trial and not in another, and the condition that this rests on."""
    others = Counter(_kept(note) for note in there.notes if isinstance(note, Passed))
    for note, turn in zip(here.notes, _turns(here, there), strict=True):
        if isinstance(note, Passed):
            others[_kept(note)] -= 1
            if others[_kept(note)] < 0:
                yield note, turn


def _kept(note: Passed) -> object:
    return note.node, None if note.into is None else note.into.node, note.frozen()


class _Entries:
    """What a result and the records in it have under a name that is `said`, or in lists that have no name there."""

    def __init__(self, entries: Iterable[tuple[tuple[str, ...], object]], said: Callable[[str], bool]) -> None:
        self.said = said
        self.named: list[object] = []
        self.unnamed: list[object] = []
        self.lists: dict[int, object] = {}
        self.take(entries)

    def take(self, entries: Iterable[tuple[tuple[str, ...], object]]) -> None:
        """Take entries in, with the names that they stand under."""
        for names, one in entries:
            if any(map(self.said, names)):
                self.named.append(one)
            elif not names:
                self.unnamed.append(one)

    def tell(self, note: Passed, value: object) -> bool:
        """Tell whether something is told here: what it was kept in, or where that has no name it itself."""
        if value is None or isinstance(value, bool):
            return False
        if note.into is None:
            return any(holds(one, value, deep=False) for one in self.named)
        named = self.named + (self.unnamed if self.said(note.into.name) else [])
        if named and id(note.into) not in self.lists:
            self.lists[id(note.into)] = frozen(note.into)
        return any(one == self.lists[id(note.into)] for one in named)


def _turns(here: Trial, there: Trial) -> list[ast.AST | None]:
    """Return for each note of a trial the last condition before it that comes out otherwise in another trial.

    Those of a comprehension decide on nothing but what it keeps.
    """
    came_out, times, last = truths(there), Counter[ast.AST](), list[ast.AST]()
    belongs = {
        inner: note.node
        for note in here.notes
        if isinstance(note.node, (ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp))
        for clause in note.node.generators
        for test in clause.ifs
        for inner in inside(test)
    }
    found: list[ast.AST | None] = []
    for note in here.notes:
        if isinstance(note, Test):
            others, at = came_out.get(note.node, []), times[note.node]
            times[note.node] += 1
            if at < len(others) and others[at] is not note.truth:
                last.append(note.node)
        found.append(next((one for one in reversed(last) if belongs.get(one, note.node) is note.node), None))
    return found
