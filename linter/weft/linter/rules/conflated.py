"""What nobody has decided, or was lost, and is told as if it had been spoken against: played through, and compared."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from weft.linter.facts import Facts
from weft.linter.finding import Finding
from weft.linter.rules.rule import Rule, suggestion
from weft.linter.rules.votes import played
from weft.linter.rules.words import speaks_against
from weft.linter.trials.counting import asked_apart
from weft.linter.trials.naming import named_apart
from weft.linter.trials.playing import LOST
from weft.linter.trials.worlds import Harness, Setting, Voters

__all__ = ["LostAsRefuted", "UndecidedAsRefuted"]


class UndecidedAsRefuted(Rule):
    """What no skeptic has decided is kept as if it had been refuted.

    What: what does not survive is collected or told under a name that speaks against it, such as "refuted", and nothing
        that is returned, logged or shown to an agent tells it from what no skeptic could decide.
    Why: where skeptics were lost or found nothing, the result is the same as where they refuted the claim.
    Bad:
        verdict = await verify("The cache is shared")
        return "confirmed" if verdict["survives"] else "refuted"
    Good:
        verdict = await verify("The cache is shared")
        return verdict["outcome"]
    When not: what does not survive is only left out, or called open or unsure; the whole verdict is returned.
    """

    code = "V808"
    name = "undecided-as-refuted"
    severity = "warning"
    since = 2
    message = "What no skeptic has decided does not survive either, and here it is the same as what was refuted."
    why = "Where skeptics were lost, the result is the same as where they refuted the claim."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each place where what does not survive is all the same."""
        harness = played(facts)
        fix = suggestion('Tell ["outcome"] == "refuted" from "undecided".')
        for node in _told_alike(harness, [one for one in harness.voters if one.verify], "undecided"):
            yield self.found(facts, node, fix=fix)


class LostAsRefuted(Rule):
    """What an agent was lost over is kept as if it had spoken against it.

    What: where the agent is lost that should have judged something, it is collected or told under a name that speaks
        against it, such as "rejected", and all that comes of the run is as if the agent had said so.
    Why: a timeout or a refusal reads as a verdict that nobody has given.
    Bad:
        vote = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
        answer = await agent("Is it sound?", schema=vote)
        return "accepted" if answer and answer["ok"] else "rejected"
    Good:
        vote = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
        answer = await agent("Is it sound?", schema=vote)
        return "lost" if not answer else "accepted" if answer["ok"] else "rejected"
    When not: what fails is only left out, or called open; what was lost is told apart before.
    """

    code = "M105"
    name = "lost-as-refuted"
    severity = "warning"
    message = "What an agent was lost over is the same here as what it spoke against."
    why = "A timeout or a refusal reads as a verdict that nobody has given."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each condition in which an answer that is missing counts as one against."""
        harness = played(facts)
        for node in _told_alike(harness, [one for one in harness.voters if one.may_fail and not one.verify], LOST):
            yield self.found(facts, node, fix=suggestion("Tell what was lost apart: test for None first."))


def _told_alike(harness: Harness, panels: list[Voters], nothing: object) -> dict[ast.AST, None]:
    """Return the conditions by which what nobody has spoken against is told as if somebody had."""
    found: dict[ast.AST, None] = {}
    for voters in panels:
        by_setting = [_alike_in(harness, voters, nothing, setting) for setting in harness.settings]
        if None not in by_setting:
            found |= dict.fromkeys(node for nodes in by_setting for node in nodes or ())
    return found


def _alike_in(harness: Harness, voters: Voters, nothing: object, setting: Setting) -> list[ast.AST] | None:
    """Return those conditions in one setting; `None` where it is told apart from all that can be said, or not known."""
    said = [harness.told(voters, answer, setting) for answer in voters.answers if answer != nothing]
    silent = None if None in said else harness.told(voters, nothing, setting)
    if silent is None or not (voters.verify or asked_apart(voters, silent)):
        return None
    others = [trial for trial in said if trial is not None and trial.told(voters) != silent.told(voters)]
    if len(others) == len(said):
        return None
    return [node for other in others[:_OTHERS] for node in named_apart(silent, other, speaks_against)]


_OTHERS = 2
"""Against how many of the answers that it is told apart from it is compared."""
