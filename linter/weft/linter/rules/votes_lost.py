"""What becomes of a matter when all who should have judged it are lost: played through, and compared."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from weft.linter.facts import Facts
from weft.linter.finding import Finding
from weft.linter.rules.rule import Rule, suggestion
from weft.linter.rules.votes import played
from weft.linter.rules.words import favour
from weft.linter.trials.code import Test
from weft.linter.trials.counting import asked_apart
from weft.linter.trials.deciding import decisive, judged
from weft.linter.trials.outcomes import ahead, without
from weft.linter.trials.playing import LOST
from weft.linter.trials.worlds import Harness, Trial, Voters

__all__ = ["FailedVoteApproves"]


class FailedVoteApproves(Rule):
    """A voter that fails counts in favour.

    What: what agents decide about is kept, returned or passed on when they answer one way and not when they answer
        the other; and when all of them are lost, the same comes out as when they are in favour.
    Why: when the voters fail, by a timeout or a refusal, everything passes unchecked.
    Bad:
        vote = {"type": "object", "properties": {"refuted": {"type": "boolean"}}, "required": ["refuted"]}
        votes = await parallel([agent(f"Refute it by {l}", schema=vote) for l in ("a", "b", "c")])
        refuted = sum(1 for v in votes if v and v["refuted"])
        return args["claim"] if refuted < 2 else None
    Good:
        vote = {"type": "object", "properties": {"refuted": {"type": "boolean"}}, "required": ["refuted"]}
        votes = await parallel([agent(f"Refute it by {l}", schema=vote) for l in ("a", "b", "c")])
        upheld = sum(1 for v in votes if v and not v["refuted"])
        return args["claim"] if upheld >= 2 else None
    When not: approvals against a threshold; a minimum of votes that is tested besides; a result that tells what was
        not judged; a list of what is objected to or was not judged.
    """

    code = "V805"
    name = "failed-vote-approves"
    severity = "warning"
    message = "When the voters fail, {expr} is {outcome}, and what they should have judged passes."
    why = "A timeout or a refusal counts as approval."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each decision in which a vote that is missing counts in favour."""
        harness = played(facts)
        told: set[ast.AST] = set()
        for voters in harness.voters:
            found = _approving(harness, voters) if voters.may_fail else None
            if found is None:
                continue
            place = decisive(found.kept, found.dropped, found.lost, voters)
            if place is not None and place not in told:
                told.add(place)
                expr = " ".join(facts.positions.text(place).split()) if isinstance(place, ast.expr) else "this"
                text = "Count approvals against a threshold, or test first that enough votes came in."
                yield self.found(
                    facts,
                    place,
                    expr=expr,
                    outcome=str(found.truth(place)).lower(),
                    fix=suggestion(text),
                )


class _Approving(NamedTuple):
    """Trials that show that a lost vote approves."""

    kept: Trial
    dropped: Trial
    lost: Trial

    def truth(self, place: ast.AST) -> bool:
        """Return how a condition came out without the votes."""
        return next((note.truth for note in self.lost.notes if isinstance(note, Test) and note.node is place), True)


def _approving(harness: Harness, voters: Voters) -> _Approving | None:
    """Return trials in which lost votes are as good as favourable ones, if there are none in which they are not."""
    found: _Approving | None = None
    for setting in harness.settings:
        lost = harness.told(voters, LOST, setting)
        trials = [trial for answer in voters.answers if (trial := harness.told(voters, answer, setting)) is not None]
        if lost is None or len(trials) < len(voters.answers):
            return None
        here, *others = (without(trial.result, voters.nodes, numbers=False) for trial in (lost, *trials))
        if lost.result == ("raised",) or any(ahead(other, here) for other in others) or _counts_lost(lost, trials):
            return None
        told = [*zip(voters.answers, trials, others, strict=True)]
        alike = next(((answer, trial) for answer, trial, other in told if other == here), None)
        dropped = next(((answer, trial) for answer, trial, _ in told if _drops(trial, here, voters)), None)
        if found is None and alike is not None and dropped is not None:
            meant = judged(alike[1], dropped[1], voters)
            listed = _adverse(alike[0], dropped[0]) and asked_apart(voters, lost)
            found = _Approving(alike[1], dropped[1], lost) if meant and not listed else None
    return found


def _counts_lost(lost: Trial, trials: list[Trial]) -> bool:
    """Tell whether a number in the result is one that it only is where the voters are lost."""
    others = [dict(_numbers(trial.result)) for trial in trials]
    return any(
        all(place in other and other[place] != number for other in others) for place, number in _numbers(lost.result)
    )


def _numbers(value: object, place: tuple[object, ...] = ()) -> Iterator[tuple[tuple[object, ...], object]]:
    """Yield the numbers in a result, with where they stand in it."""
    if isinstance(value, tuple) and value[0] == "number":
        yield place, value[1]
    elif isinstance(value, tuple) and value[0] == "dict":
        for key, one in value[1:]:
            yield from _numbers(one, (*place, key))


def _drops(trial: Trial, kept: object, voters: Voters) -> bool:
    """Tell whether something that is kept is left out in a trial; it is not where the voters' own words replace it."""
    return ahead(kept, without(trial.result, voters.nodes, numbers=False, words=True))


def _adverse(answer: object, other: object) -> bool:
    """Tell whether one answer objects and another does not: what is kept by it is what somebody is to look at again."""
    return _favour(answer, other) < _favour(other, answer)


def _favour(answer: object, other: object) -> int:
    """Return how many decisions of an answer speak for a matter less those against, where another decides otherwise."""
    if not isinstance(answer, dict) or not isinstance(other, dict):  # outcomes of `verify`
        return favour(str(answer))
    found = 0
    for name, value in answer.items():
        if isinstance(value, bool) and other[name] is not value:
            found += (favour(name) or 1) * (1 if value else -1)  # most of what is asked for is wanted
        elif isinstance(value, str) and other[name] != value:
            found += favour(value)
    return found
