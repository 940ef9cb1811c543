"""What the harness calls that which is kept in one trial and not in another, and the condition that it rests on."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from weft.linter.effort import inside
from weft.linter.trials.code import Passed, Test
from weft.linter.trials.deciding import partings, truths
from weft.linter.trials.outcomes import added, has_items, holds, texts
from weft.linter.trials.symbols import frozen
from weft.linter.trials.worlds import Trial, Voters

__all__ = ["named_apart"]


def named_apart(here: Trial, there: Trial, voters: Voters, said: Callable[[str], bool]) -> Iterator[ast.AST]:
    """Yield the conditions on which it rests that something is kept as what is `said`, in one trial and not in another.

    That is the text that it is or has; or the name of the list that it is kept in, or under which that is returned.
    """
    called: dict[ast.AST, set[str]] = defaultdict(set)
    for note in there.notes:
        if isinstance(note, Passed):
            called[note.node] |= set(texts(note.frozen()))
    kept = [(at, bare, here.notes[at]) for at, bare in partings(here, there, (voters.nodes, frozenset()))]
    entries = [*added(here.result, there.result)]
    entries += [entry for _, _, note in kept if isinstance(note, Passed) for entry in added(note.frozen(), _NOTHING)]
    labelled, turns = list[object](), _turns(here, there)
    for at, bare, note in kept:
        assert isinstance(note, Passed)
        value = note.frozen()
        if not (has_items(bare) or any(texts(bare))) or any(holds(value, one) for one in labelled):
            continue
        stands = [above for above, one in entries if _stands_in(note, value, one)]
        unnamed = note.into.name if note.into is not None else ""
        names = {name for above in stands for name in above or (unnamed,)}
        if any(map(said, set(texts(value)) - called[note.node])):
            labelled.append(value)
        elif turns[at] is None or not any(map(said, names)):
            continue
        yield turns[at] or note.node


_NOTHING = ("dict",)


def _stands_in(note: Passed, value: object, entry: object) -> bool:
    """Tell whether something is told in an entry of a result: that is the list that it was kept in, or has it in it."""
    if value is None or isinstance(value, bool):
        return False
    return holds(entry, value, deep=False) if note.into is None else entry == frozen(note.into)


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
