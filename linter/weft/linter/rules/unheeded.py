"""Verdicts that are asked for and not heeded: played through, the same comes out whatever they are."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from weft.linter.facts import Facts
from weft.linter.finding import Finding, Related
from weft.linter.rules.rule import Rule, suggestion
from weft.linter.rules.votes import played
from weft.linter.trials.code import Passed
from weft.linter.trials.deciding import decisive, partings
from weft.linter.trials.outcomes import NUMBER, has_items, holds, uncounted, without
from weft.linter.trials.playing import Asking
from weft.linter.trials.symbols import Symbol, symbols_in
from weft.linter.trials.worlds import Harness, Setting, Trial, Voters

__all__ = ["VerdictIgnored"]


class VerdictIgnored(Rule):
    """What survived is only counted, and what was to be judged is used as a whole instead.

    What: what verdicts or votes let through is kept apart, and whatever they are, the same is returned and the same
        asked of further agents, but for numbers.
    Why: what was refuted is reported as if it had held.
    Bad:
        claims = args["claims"]
        verdicts = await parallel([verify(c) for c in claims])
        held = [c for c, v in zip(claims, verdicts) if v and v["survives"]]
        return {"claims": claims, "held": len(held)}
    Good:
        claims = args["claims"]
        verdicts = await parallel([verify(c) for c in claims])
        held = [c for c, v in zip(claims, verdicts) if v and v["survives"]]
        return {"claims": held, "of": len(claims)}
    When not: both lists are reported; the verdict is stored with the item.
    """

    code = "V801"
    name = "verdict-ignored"
    severity = "error"
    message = "This uses all that was to be judged, and not what has survived (line {line})."
    why = "What was refuted is reported as if it had held."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each use of what verdicts have sifted in vain."""
        harness = played(facts)
        told: set[ast.AST] = set()
        for voters in harness.voters:
            found = _in_vain(harness, voters)
            if found is not None and found[0] not in told:
                use, test = found
                told.add(use)
                line = getattr(test, "lineno", 1)
                related = [Related(line, "here it is decided what survives")]
                fix = suggestion("Use what survived.")
                severity = self.severity if voters.verify else "warning"  # a yes or no may also be of another kind
                yield self.found(facts, use, severity=severity, line=line, fix=fix, related=related)


def _in_vain(harness: Harness, voters: Voters) -> tuple[ast.AST, ast.AST] | None:
    """Return where something is used whatever the verdicts are, and the condition that sifts it in vain."""
    found: tuple[ast.AST, ast.AST] | None = None
    for setting in harness.settings:
        used = _used_in(harness, voters, setting)
        if used is None:
            return None
        found = found or next(iter(used), None)
    return found


def _used_in(harness: Harness, voters: Voters, setting: Setting) -> list[tuple[ast.AST, ast.AST]] | None:
    """Return that for one setting; `None` where verdicts are heeded, or that is not known."""
    dropped, other = harness.halves(voters, setting)
    if dropped is None or other is None or _shown(dropped, voters, counts=True) != _shown(other, voters, counts=True):
        return None
    shown = _shown(dropped, voters, counts=False)
    trials = [harness.told(voters, answer, setting) for answer in voters.poles]
    alike = [kept for kept in trials if kept is not None and _shown(kept, voters, counts=False) == shown]
    return [used for kept in alike if (used := _used(kept, dropped, voters)) is not None] if alike else None


def _used(kept: Trial, dropped: Trial, voters: Voters) -> tuple[ast.AST, ast.AST] | None:
    def bare(value: object) -> object:
        return without(value, voters.nodes, numbers=True)

    told = voters.nodes, voters.choices
    at = next((at for at, value in partings(kept, dropped, told) if has_items(value) or _is_place(kept, at)), None)
    note = kept.notes[at] if at is not None else None
    if at is None or not isinstance(note, Passed):
        return None
    test = decisive(kept, dropped, kept, voters) or note.node
    items = [one.prompt for one in voters.among(kept)] if _is_place(kept, at) else [note.frozen()]
    items = [bare(one) for item in items for one in (item, *_parts(item)) if not _is_spoken(one, voters)]
    before = voters.nodes | {one.node for one in kept.notes[:at] if isinstance(one, Asking)}
    for later in kept.notes[at + 1 :]:
        if isinstance(later, Asking) and later.node not in before:  # who is asked again is told what is known by now
            prompt = bare(later.prompt)
            if any(holds(prompt, one) for one in items):
                return later.node, test
    ends = [one.node for one in kept.notes if isinstance(one, Passed) and isinstance(one.node, ast.Return)]
    result = bare(kept.result)
    return (ends[-1], test) if any(holds(result, one) for one in items) else None


def _is_place(trial: Trial, at: int) -> bool:
    """Tell whether it is a number that is kept in a list, and not always the same one: where something stands."""
    note = trial.notes[at]
    if not isinstance(note, Passed) or note.into is None or isinstance(note.value, bool):
        return False
    alike = {one.value for one in trial.notes if one.node is note.node and isinstance(one, Passed) and _is_number(one)}
    return _is_number(note) and len(alike) > 1


def _is_number(note: Passed) -> bool:
    return isinstance(note.value, (int, float))


def _is_spoken(item: object, voters: Voters) -> bool:
    """Tell whether something is made of what voters have said themselves, so that they do not judge it."""
    return any(one.op == "answer" and one.parts[0] in voters.nodes for one in symbols_in(item))


def _parts(item: object) -> list[object]:
    """Return the fields of an item, and the list that one of a list is an element of."""
    if isinstance(item, Symbol):
        return [item.parts[0]] if item.op == "element" else []
    if not isinstance(item, tuple) or item[0] not in ("dict", "told", "list", "object"):
        return []
    values = [one[1] for one in item[1:]] if item[0] == "dict" else item[1:]
    return [part for one in values for part in ([one] if isinstance(one, Symbol) else _parts(one))]


def _shown(trial: Trial, voters: Voters, *, counts: bool) -> object:
    """Return all that comes of a trial; without `counts` but for numbers that are told beside what it is about."""
    result = trial.result
    if not counts and isinstance(result, tuple) and result[0] in ("dict", "list"):
        result = tuple(map(_uncounted, result))
    asked = ((one.identity, one.options) for one in trial.asked if one.node not in voters.nodes)
    told = without(("dict", *asked), voters.nodes, numbers=counts, counts=counts)
    return without(result, voters.nodes, numbers=True, counts=counts), told


def _uncounted(value: object) -> object:
    if isinstance(value, tuple) and value[0] == "number":
        return NUMBER
    if isinstance(value, tuple) and isinstance(value[0], str) and len(value) == 2:
        return (value[0], _uncounted(value[1]))
    return uncounted(value) if isinstance(value, str) else value
