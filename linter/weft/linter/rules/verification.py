"""What agents claim and others check: verdicts that are misread, and findings that nothing checks."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from weft.linter.facts import Facts
from weft.linter.facts.domain.contained import contents
from weft.linter.facts.domain.marks import Marks, about
from weft.linter.facts.domain.schema import schema_of
from weft.linter.facts.domain.values import Bool, Dict, Listing, Text, Value
from weft.linter.facts.events import AnswerTested, Asked, Compared, PrimitiveCalled
from weft.linter.facts.known.verifying import VERDICT
from weft.linter.facts.readings import FieldRead
from weft.linter.finding import Finding, Fix
from weft.linter.rules.rule import Rule, suggestion
from weft.linter.rules.votes import played
from weft.linter.rules.words import FINDINGS

__all__ = ["IndependenceAsNumber", "UnverifiedFindings", "VerdictTruthiness"]


class UnverifiedFindings(Rule):
    """Findings are reported that nobody has checked.

    What: what agents list as findings, bugs, claims, issues, vulnerabilities or risks is returned or written up, and
        no second agent has judged it.
    Why: agents report with confidence what is not there.
    Bad:
        list_ = {"type": "array", "maxItems": 9, "items": {"type": "string"}}
        bugs = {"type": "object", "properties": {"bugs": list_}, "required": ["bugs"]}
        found = await agent("Find bugs", schema=bugs)
        return found["bugs"] if found else []
    Good:
        list_ = {"type": "array", "maxItems": 9, "items": {"type": "string"}}
        bugs = {"type": "object", "properties": {"bugs": list_}, "required": ["bugs"]}
        found = await agent("Find bugs", schema=bugs, critical=True)
        verdicts = await parallel([verify(b) for b in found["bugs"]])
        return [b for b, v in zip(found["bugs"], verdicts) if v and v["survives"]]
    When not: ideas, drafts, summaries; findings that a second agent has judged by a schema, or
        looked at one by one.
    """

    code = "V802"
    name = "unverified-findings"
    severity = "info"
    message = "Nothing has checked these {what} before they are reported."
    why = "Agents report with confidence what is not there."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield the first place where unchecked findings are written up, or else the agent that lists them."""
        asked = list(facts.each(Asked))
        finders = {event.call.node: name for event in asked if (name := _lists_findings(event))}
        checks = {"verify", "judge", "critique", "debate", "quorum"}
        if not finders or any(event.name in checks for event in facts.each(PrimitiveCalled)):
            return
        reporters = [event for event in asked if _told(event) & finders.keys() - {event.call.node}]
        weighed = {call for event in facts.each(Compared) for call in _compared(event)}
        if any(_looks_again(event, weighed) for event in reporters):
            return
        reported = about(_all_marks(facts), "says")
        writers = [event.call.node for event in reporters if event.call.node in reported]
        node = next(iter(writers), None) or next((node for node in finders if node in reported), None)
        if node is not None:
            fix = suggestion("await verify(item, lenses=[…]) for each of them.")
            yield self.found(facts, node, what=next(iter(finders.values())), fix=fix)


def _lists_findings(event: Asked) -> str | None:
    """Return what an agent lists, if it is findings."""
    schema = schema_of(event.call.keywords.get("schema"), "")
    fields = schema.fields() if schema is not None and event.name == "agent" else {}
    return next((n for n, f in fields.items() if n.lower() in FINDINGS and isinstance(f.value, Listing)), None)


def _told(event: Asked) -> frozenset[object]:
    return frozenset(call for marks in event.marks.values() for call in about(marks, "says"))


def _looks_again(event: Asked, weighed: set[object]) -> bool:
    """Tell whether an agent judges findings: it decides by a schema, what it says is compared, or it sees one each."""
    schema = schema_of(event.call.keywords.get("schema"), "")
    if schema is None or event.name != "agent":
        return event.name == "agent" and bool(event.inside or event.made)
    fields = [entry.value for entry in schema.fields().values()]
    return not fields or event.call.node in weighed or any(map(_decides, fields))


def _decides(value: Value) -> bool:
    return isinstance(value, (Bool, Listing, Dict)) or (isinstance(value, Text) and not value.said)


def _compared(event: Compared) -> frozenset[object]:
    return about(event.left.marks | event.right.marks, "says")


def _all_marks(facts: Facts) -> Marks:
    return frozenset(mark for value in contents(facts.result) for mark in value.marks)


class VerdictTruthiness(Rule):
    """A verdict is tested as if it were the decision.

    What: what verify() returns is used as a condition, and its "survives" is never read.
    Why: it is a dict and always true, so that everything passes.
    Bad:
        kept = "x" if await verify("x") else None
    Good:
        kept = "x" if (await verify("x"))["survives"] else None
    When not: `if v and v["survives"]`; `v is not None`; verdicts that are returned or shown to an agent.
    Fix: safe: the test of `survives` is added.
    """

    code = "V806"
    name = "verdict-truthiness"
    severity = "error"
    message = 'verify() returns a dict, which is always true; its "survives" is never read.'
    why = "Everything passes."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each condition that a verdict always fulfils."""
        harness, asked = played(facts), frozenset[object]()
        if harness.plays_verdicts():
            asked = frozenset(harness.play.all_asked)
            tested = {event.node: event for event in facts.each(AnswerTested)}
            read = harness.shown() | harness.play.heeded
            for place, call in harness.play.weighed.items():
                if call not in read:
                    event = tested.get(place) if isinstance(place, ast.expr) else None
                    yield self.found(facts, place, fix=suggestion(_TEST) if event is None else _survives(facts, event))
        for event in _always_true(facts, asked):
            yield self.found(facts, event.node, severity=None if asked else "warning", fix=_survives(facts, event))


def _always_true(facts: Facts, asked: frozenset[object]) -> Iterator[AnswerTested]:
    """Yield the tests of verdicts of which nothing is read, but for those that were asked for in a trial."""
    verdicts = {event.call.node for event in facts.each(Asked) if event.name == "verify"} - asked
    used = {call for event in facts.each(FieldRead) for call in about(event.answer.marks, "says")}
    used |= {call for event in facts.each(Asked) for marks in event.marks.values() for call in about(marks, "says")}
    used |= {call for value in contents(facts.result) if isinstance(value, Dict) for call in about(value.marks, "says")}
    for event in {event.node: event for event in facts.each(AnswerTested)}.values():
        calls_meant = about(event.answer.marks, "says") & verdicts
        if _of_verify(event.answer) and calls_meant and not calls_meant & used:
            yield event


def _of_verify(answer: Dict) -> bool:
    return answer.schema is not None and answer.schema.name == VERDICT


_TEST = 'Test ["survives"].'


def _survives(facts: Facts, event: AnswerTested) -> Fix:
    node, text = event.node, _TEST
    written, parent = facts.positions.text(node), facts.places.parent(event.node)
    if isinstance(node, ast.Await) and event.answer.lack is None:
        return Fix("safe", text, (facts.positions.replace(node, f'({written})["survives"]'),))
    if isinstance(node, ast.Name) and event.answer.lack is None:
        return Fix("safe", text, (facts.positions.after(node, '["survives"]'),))
    if isinstance(node, ast.Name) and isinstance(parent, (ast.comprehension, ast.If)):
        return Fix("safe", text, (facts.positions.after(node, f' and {written}["survives"]'),))
    return suggestion(text)


class IndependenceAsNumber(Rule):
    """The independence of votes is used as if it were a number.

    What: what verify() returns as "independence" is compared with a number, calculated with or formatted.
    Why: it is a dict of a word, a share and a sentence, and was a number only in version 1 of the language.
    Bad:
        verdict = await verify("The cache is shared")
        weak = verdict["independence"] < 0.5
    Good:
        verdict = await verify("The cache is shared")
        weak = verdict["independence"]["word"] in ("partly", "same source")
    When not: it is returned or shown as it is; its "share", which is None where the word says it all.
    Fix: safe: its share is read, or 0.0 where there is none, as version 1 said it. The word says more.
    """

    code = "V807"
    since = 2
    name = "independence-as-number"
    severity = "error"
    message = 'The "independence" of a verdict is a dict with "word", "share" and "why", not a number.'
    why = "The run ends there with a TypeError."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each place where the independence of votes is taken for a number."""
        harness = played(facts)
        taken = dict(harness.play.misused) if harness.plays_verdicts() else {}
        read = (one for one in facts.each(FieldRead) if one.field == "independence" and _of_verify(one.answer))
        reads = [facts.places.parent(one.node) for one in read]
        for node in dict.fromkeys(one for one in reads if isinstance(one, (ast.Subscript, ast.Call))):
            if _is_calculated_with(facts, node):
                taken = {place: None for place in taken if place is not facts.places.parent(node)}
                yield self.found(facts, node, fix=_share(facts, node))
        for place in taken:
            yield self.found(facts, place, fix=suggestion(_READ_SHARE))


_CALCULATING = {"abs", "float", "int", "max", "min", "round", "sum"}


def _is_calculated_with(facts: Facts, node: ast.expr) -> bool:
    match facts.places.parent(node):
        case ast.BinOp(op=ast.BitOr()):
            return False
        case ast.BinOp(left=ast.Constant(value=str())):
            return False
        case ast.BinOp() | ast.FormattedValue(format_spec=ast.JoinedStr()):
            return True
        case ast.Compare(ops=ops) as compared:
            sides = [compared.left, *compared.comparators]
            numbers = any(isinstance(side, ast.Constant) and isinstance(side.value, (int, float)) for side in sides)
            return numbers or any(isinstance(op, (ast.Lt, ast.LtE, ast.Gt, ast.GtE)) for op in ops)
        case ast.Call(func=ast.Name(id=name), args=args):
            return name in _CALCULATING and node in args
    return False


_READ_SHARE = 'Read its share, or 0.0 where there is none: (… ["share"] or 0.0).'


def _share(facts: Facts, node: ast.expr) -> Fix:
    text = _READ_SHARE
    if any(isinstance(outer, ast.JoinedStr) for outer in facts.places.around(node)):  # whose quotes may not fit
        return suggestion(text)
    written = facts.positions.text(node)
    return Fix("safe", text, (facts.positions.replace(node, f'({written}["share"] or 0.0)'),))
