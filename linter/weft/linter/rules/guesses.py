"""What is wrong in some harnesses and meant in others: rules that are asked only where guesses are wanted."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from weft.linter.effort import unparsed
from weft.linter.facts import Facts
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.contained import children, deep_marks
from weft.linter.facts.domain.joins import element
from weft.linter.facts.domain.marks import Piece, about
from weft.linter.facts.domain.values import Dict, Given, Listing, Text, Value
from weft.linter.facts.events import Asked, Compared, Cut, Ranked
from weft.linter.facts.follow.entries import fields_of
from weft.linter.facts.readings import FieldRead
from weft.linter.facts.remembering import Keyed
from weft.linter.facts.repeating import FanOut
from weft.linter.finding import Finding, Related
from weft.linter.rules.rule import Rule, suggestion
from weft.linter.rules.words import REASON

__all__ = ["CutUntold", "FirstCopyKept", "LossUntold", "OwnSpelling", "ReasonsToSkeptics"]


class LossUntold(Rule):
    """What a fan-out loses leaves no trace in what is returned.

    What: the results of a fan-out are returned without those that are None, and nothing else that is returned rests on
        how many there were.
    Why: a run in which half of the agents were lost looks like one in which they had nothing to tell.
    Bad:
        notes = await parallel([agent(f"Read {f}") for f in FILES])
        return {"notes": [note for note in notes if note]}
    Good:
        notes = await parallel([agent(f"Read {f}") for f in FILES])
        return {"notes": [note for note in notes if note], "unread": [f for f, n in zip(FILES, notes) if not n]}
    When not: whoever reads the result also reads what the run itself says was lost.
    """

    code = "M201"
    name = "loss-untold"
    severity = "info"
    guess = True
    message = "What is lost here is left out of the result, and nothing in it tells."
    why = "Lost agents look like agents that had nothing to tell."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each fan-out whose losses the result does not show."""
        for entry, others in _entries(facts.result):
            source = entry.kept_from if isinstance(entry, Listing) else None
            result = element(source) if isinstance(source, Listing) else None
            if result is None or result.lack is None or not result.lack.why:
                continue
            fanouts = about(entry.marks, "mapped", "flat")
            if not any(fanouts & _rests_on(other) for other in others):
                for fanout in facts.each(FanOut):
                    if fanout in fanouts:
                        yield self.found(facts, fanout.node, fix=suggestion("Return how many were lost, or which."))


def _entries(result: Value) -> Iterator[tuple[Value, list[Value]]]:
    """Yield each thing that is returned, with all that is returned beside it."""
    entries = [*children(result)] if isinstance(result, Dict) else [result]
    for entry in entries:
        yield entry, [other for other in entries if other is not entry]


def _rests_on(value: Value) -> frozenset[object]:
    return about(deep_marks(value), "mapped", "flat", "whole", "size", "element")


class ReasonsToSkeptics(Rule):
    """A skeptic is shown why the finder believes what is to be checked.

    What: a field in which an agent says why, such as "reason", is given to `verify`, by itself or in a whole record.
    Why: a skeptic who reads a good reason agrees with it, and opens no source of its own.
    Bad:
        row = {"type": "object", "properties": {"bug": {"type": "string"}, "reason": {"type": "string"}}}
        found = await agent("Find a bug", schema={**row, "required": ["bug", "reason"]}, critical=True)
        kept = (await verify(found))["survives"]
    Good:
        row = {"type": "object", "properties": {"bug": {"type": "string"}, "reason": {"type": "string"}}}
        found = await agent("Find a bug", schema={**row, "required": ["bug", "reason"]}, critical=True)
        kept = (await verify(found["bug"]))["survives"]
    When not: the reason is itself what is to be checked.
    """

    code = "M202"
    name = "reasons-to-skeptics"
    severity = "info"
    guess = True
    message = 'The skeptics are shown "{field}", in which the finder says why.'
    why = "Who reads a good reason agrees with it, and opens no source of its own."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each claim that comes with the finder's reasons."""
        found: set[ast.AST] = set()
        for event in facts.each(Asked):
            node, claim = event.call.node, event.prompt or event.call.argument(0, "claim")
            field = _reason_in(claim) if event.name == "verify" and node not in found else None
            if field is not None:
                found.add(node)
                fix = suggestion("Give the claim and where it stands; leave out why.")
                yield self.found(facts, node, field=field, fix=fix)


def _reason_in(claim: Value | None) -> str | None:
    """Return the field in which an agent says why, of a record from an agent or of what is made of one."""
    if claim is None or not about(deep_marks(claim), "says"):
        return None
    pieces = (one.field for one in about(deep_marks(claim), "made") if isinstance(one, Piece))
    names = [*(fields_of(claim) if isinstance(claim, Dict) else ()), *(field for field in pieces if field is not None)]
    return next((name for name in sorted(names) if REASON.search(name)), None)


class OwnSpelling(Rule):
    """What an agent spelled freely counts only if the harness spells it the same.

    What: a field that is any text is compared, as it is, with texts of the harness or of its arguments.
    Why: `./a.py` is not `a.py`: what is spelled a little differently is dropped, and the run is clean.
    Bad:
        found = await agent("Which file is the worst?", schema=REPORT, critical=True)
        worst = found["bug"] if found["bug"] in FILES else None
    Good:
        choice = {"type": "object", "properties": {"bug": {"enum": FILES}}, "required": ["bug"]}
        found = await agent("Which file is the worst?", schema=choice, critical=True)
        worst = found["bug"] if found["bug"] in FILES else None
    When not: what does not match is told; the text is brought to one form before.
    """

    code = "M203"
    name = "own-spelling"
    severity = "info"
    guess = True
    message = "{text} is spelled as the agent likes, and only what is spelled alike counts."
    why = "Near misses are dropped, and the run is clean."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each comparison of an agent's own spelling with that of the harness."""
        for node in dict.fromkeys(event.node for event in facts.each(Compared) if _by_spelling(event)):
            fix = suggestion('List what may be said as an "enum", or ask for its number.')
            yield self.found(facts, node, text=unparsed(node.left), fix=fix)


def _by_spelling(event: Compared) -> bool:
    left, right = event.left, event.right
    free = isinstance(left, Text) and left.said and left.const is None and bool(about(left.marks, "says"))
    ours = isinstance(right, (Listing, Dict, Given)) or (isinstance(right, Text) and bool(right.const))
    raw = not isinstance(event.node.left, ast.Call)
    return raw and free and ours and not about(deep_marks(right), "says", "opaque")


class CutUntold(Rule):
    """A list is cut, and returned as if it were whole.

    What: the first so many of what agents found are returned, and nothing else that is returned rests on how many there
        were.
    Why: who reads the result takes it for complete.
    Bad:
        reply = await agent("List claims", schema=CLAIMS, critical=True)
        return {"claims": reply["claims"][:2]}
    Good:
        reply = await agent("List claims", schema=CLAIMS, critical=True)
        return {"claims": reply["claims"][:2], "of": len(reply["claims"])}
    When not: the name of the field says that these are some.
    """

    code = "M204"
    name = "cut-untold"
    severity = "info"
    guess = True
    message = "What is cut off here is missing from the result, and nothing in it tells."
    why = "The result is taken for complete."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each cut that the result does not show."""
        cuts = {event.kept: event for event in facts.each(Cut)}
        for entry, others in _entries(facts.result):
            event = cuts.get(entry.birth) if isinstance(entry, Listing) else None
            says = about(deep_marks(entry), "says")
            whole = (other for other in others if not isinstance(other, Listing) or other.birth not in cuts)
            if event is not None and says and not any(says & _counts(other) for other in whole):
                yield self.found(facts, event.node, fix=suggestion("Return how many there were, or what was left out."))


def _counts(value: Value) -> frozenset[object]:
    """Return on which agents a value rests that may tell how many there were."""
    return frozenset() if isinstance(value, Text) else about(deep_marks(value), "says")


class FirstCopyKept(Rule):
    """Of what is found twice the first is kept, and then all are ranked by a field in which the copies differ.

    What: `dedup` without `keep`, by a key without the field by which what is left is sorted or chosen.
    Why: which copy came first decides where the item stands: the gravest of them may be the one that was dropped.
    Bad:
        row = {"type": "object", "properties": {"id": {"type": "string"}, "score": {"type": "integer"}}}
        rows = {"type": "array", "maxItems": 4, "items": {**row, "required": ["id", "score"]}}
        found = await agent("List bugs", schema=rows, critical=True)
        ranked = sorted(dedup(found, key=lambda one: one["id"]), key=lambda one: one["score"])
    Good:
        row = {"type": "object", "properties": {"id": {"type": "string"}, "score": {"type": "integer"}}}
        rows = {"type": "array", "maxItems": 4, "items": {**row, "required": ["id", "score"]}}
        found = await agent("List bugs", schema=rows, critical=True)
        ranked = dedup(sorted(found, key=lambda one: one["score"]), key=lambda one: one["id"])
    When not: `keep` says which copy stays; the list is sorted by that field before.
    """

    code = "M205"
    name = "first-copy-kept"
    severity = "info"
    guess = True
    message = 'Copies that differ in "{field}" were reduced to the first at line {line}, before it decides here.'
    why = "The gravest of them may be the one that was dropped."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each ranking by a field that the copies differ in."""
        steps: dict[ast.AST, Keyed | Ranked] = {}
        for step in (event for event in facts.events if isinstance(event, (Keyed, Ranked))):
            steps.setdefault(step.node, step)
        order = {node: index for index, node in enumerate(steps)}
        doubles = [node for node in steps if isinstance(node, ast.Call) and isinstance(steps[node], Keyed)]
        ranked = {event.node: event for event in facts.each(Ranked)}
        for node, event in ranked.items():
            lines = {birth.line for birth in event.passed if isinstance(birth, Birth)}
            for call in (call for call in doubles if call.lineno in lines and not _keeps(call)):
                before = (one for one in ranked if order[one] < order[call])
                known = _read_in(facts, call).union(*(_read_in(facts, one) for one in before))
                new = sorted(_read_in(facts, node) - known)
                if new:
                    related = [Related(call.lineno, "the first copy is kept")]
                    fix = suggestion("Sort first, or say which copy stays: dedup(…, keep=…).")
                    yield self.found(facts, node, field=new[0], line=call.lineno, fix=fix, related=related)


def _read_in(facts: Facts, call: ast.Call) -> set[str]:
    """Return the fields that the options of a call read."""
    written = [keyword.value for keyword in call.keywords] + call.args[1:]
    reads = facts.each(FieldRead)
    return {read.field for read in reads if any(facts.places.within(read.node, one) for one in written)}


def _keeps(call: ast.Call) -> bool:
    return any(keyword.arg in ("keep", None) for keyword in call.keywords)
