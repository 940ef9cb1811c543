"""Verdicts: asked for and not heeded, counted the wrong way, or not independent of one another."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from weft.linter.facts import Facts
from weft.linter.facts.domain.joins import count, element
from weft.linter.facts.domain.marks import Marks, about
from weft.linter.facts.domain.schema import schema_of
from weft.linter.facts.domain.values import Bool, Dict, Listing
from weft.linter.facts.events import AnswerTested, Asked, FanOut, FieldRead, Loop, PrimitiveCalled
from weft.linter.facts.follow.entries import fields_of
from weft.linter.facts.follow.machine import contents
from weft.linter.finding import Finding, Fix, Related
from weft.linter.rules.asking import asked_alike, ballot, calls, tallies
from weft.linter.rules.rule import Rule, suggestion

__all__ = [
    "FailedVoteApproves",
    "IdenticalSkeptics",
    "SkepticsSeeVotes",
    "UnverifiedFindings",
    "VerdictIgnored",
    "VerdictTruthiness",
]

_Comprehension = (ast.ListComp, ast.GeneratorExp, ast.SetComp)


class VerdictIgnored(Rule):
    """What survived is only counted, and what was to be verified goes on as it was.

    What: a list is filtered by verdicts, the filtered list is never used but for its length, and the unfiltered one is
        returned or goes to further agents.
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
    message = "{held} is what survived (line {line}), but here {claims} goes on."
    why = "What was refuted is reported as if it had held."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each use of a list that verdicts have filtered in vain."""
        for held, claims, node in _filtered(facts):
            scope = _function(facts, node)
            loads = [n for n in ast.walk(scope) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
            if any(load.id == held and not _only_shown(facts, load) for load in loads):
                continue
            later = [n for n in loads if n.id == claims and n.lineno > (node.end_lineno or node.lineno)]
            used = next((load for load in later if not _only_shown(facts, load)), None)
            if used is not None:
                related = [Related(node.lineno, f"{held} is what survived")]
                fix = suggestion(f"Use {held}.")
                yield self.found(facts, used, held=held, claims=claims, line=node.lineno, fix=fix, related=related)


def _filtered(facts: Facts) -> Iterator[tuple[str, str, ast.stmt]]:
    """Yield the name of each list that verdicts have filtered, that of the list it is taken from, and where."""
    judged = {node for read in facts.each(FieldRead) if _verdict(read) for node in _around(facts, read.node)}
    for node in ast.walk(facts.tree):
        match node:
            case ast.Assign(
                targets=[ast.Name(id=held)],
                value=ast.ListComp(elt=ast.Name(id=item), generators=[ast.comprehension() as clause]),
            ) if judged & set(clause.ifs):
                claims = _source(clause.target, clause.iter, item)
            case ast.For(target=target, iter=walked, body=body):
                kept = _appended(body, judged)
                held, claims = (kept[0], _source(target, walked, kept[1])) if kept is not None else ("", None)
            case _:
                continue
        if claims is not None and isinstance(node, ast.stmt):
            yield held, claims, node


def _verdict(read: FieldRead) -> bool:
    entry = fields_of(read.answer).get(read.field)
    return entry is not None and isinstance(entry.value, Bool)


def _around(facts: Facts, node: ast.AST | None) -> Iterator[ast.AST]:
    while node is not None:
        yield node
        node = facts.parents.get(node)


def _source(target: ast.expr, walked: ast.expr, item: str) -> str | None:
    """Return the name of the list that an item is taken from, where it is walked beside its verdict."""
    match target, walked:
        case ast.Tuple(elts=names), ast.Call(func=ast.Name(id="zip"), args=lists):
            pairs = zip(names, lists, strict=False)
            found = (one.id for name, one in pairs if isinstance(one, ast.Name) and ast.unparse(name) == item)
            return next(found, None)
    return None


def _appended(body: list[ast.stmt], judged: set[ast.AST]) -> tuple[str, str] | None:
    """Return which list takes which item where a verdict says so, if a loop does nothing else."""
    match body:
        case [
            ast.If(
                test=test,
                body=[
                    ast.Expr(
                        value=ast.Call(
                            func=ast.Attribute(value=ast.Name(id=held), attr="append"), args=[ast.Name(id=item)]
                        )
                    )
                ],
                orelse=[],
            )
        ]:
            return (held, item) if test in judged else None
    return None


def _only_shown(facts: Facts, load: ast.Name) -> bool:
    """Tell whether a list is only measured, logged, tested or added to here."""
    for node in _around(facts, facts.parents.get(load)):
        match node:
            case ast.Call(func=ast.Name(id="len" | "log" | "phase") | ast.Attribute(attr="log" | "phase" | "append")):
                return True
            case ast.Attribute(attr="append"):
                return True
            case ast.stmt():
                return isinstance(node, (ast.If, ast.While)) and _is_condition(facts, load)
    return False


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
        if any(map(_looks_again, reporters)):
            return
        reported = about(_all_marks(facts), "says")
        writers = [event.call.node for event in reporters if event.call.node in reported]
        node = next(iter(writers), None) or next((node for node in finders if node in reported), None)
        if node is not None:
            fix = suggestion("await verify(item, lenses=[…]) for each of them.")
            yield self.found(facts, node, what=next(iter(finders.values())), fix=fix)


_FINDINGS = {"findings", "bugs", "claims", "issues", "vulnerabilities", "risks", "defects", "weaknesses"}


def _lists_findings(event: Asked) -> str | None:
    """Return what an agent lists, if it is findings."""
    schema = schema_of(event.call.keywords.get("schema"), "")
    fields = schema.fields() if schema is not None and event.name == "agent" else {}
    return next((n for n, f in fields.items() if n.lower() in _FINDINGS and isinstance(f.value, Listing)), None)


def _told(event: Asked) -> frozenset[object]:
    return frozenset(call for marks in event.marks.values() for call in about(marks, "says"))


def _looks_again(event: Asked) -> bool:
    """Tell whether an agent judges findings: by a schema of its own, or one at a time."""
    by_schema = schema_of(event.call.keywords.get("schema"), "") is not None
    return event.name == "agent" and (by_schema or bool(event.inside or event.made))


def _all_marks(facts: Facts) -> Marks:
    return frozenset(mark for value in contents(facts.result) for mark in value.marks)


class IdenticalSkeptics(Rule):
    """Several voters are asked exactly the same.

    What: agents that decide about one thing, and whose decisions are counted, get equal prompts and options.
    Why: what one gets wrong the others get wrong too, so that many votes are worth little more than one.
    Bad:
        vote = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
        votes = await parallel([agent("Refute: the sky is green", schema=vote) for _ in range(5)])
        kept = sum(1 for v in votes if v and v["ok"]) >= 3
    Good:
        vote = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
        lenses = ["sources", "logic", "scope"]
        votes = await parallel([agent(f"Refute by {l}: the sky is green", schema=vote) for l in lenses])
        kept = sum(1 for v in votes if v and v["ok"]) >= 2
    When not: prompts, profiles or models that differ; drafts that nobody counts.
    """

    code = "V803"
    name = "identical-skeptics"
    severity = "warning"
    message = "{n} votes from one prompt are nearly one vote."
    why = "Their errors coincide."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each voter that is asked the same several times."""
        fix = suggestion("Give each voter a lens of its own, or use verify(lenses=[…]).")
        for node, items in asked_alike(facts).items():
            size = count(items.parts).high
            yield self.found(facts, node, n="Several" if size.reasons else size.settled().text(), fix=fix)
        for same in _written_alike(facts):
            related = [Related(other.lineno, "the same question") for other in same[1:]]
            yield self.found(facts, same[0], n=len(same), fix=fix, related=related)


def _written_alike(facts: Facts) -> Iterator[list[ast.Call]]:
    """Yield the voters in a list that is written out which are asked the same."""
    voters = {node for node, events in calls(facts).items() if all(map(ballot, events))}
    counted = {call for _, says in tallies(facts) for call in says}
    for written in ast.walk(facts.tree):
        if not isinstance(written, (ast.List, ast.Tuple)):
            continue
        alike: dict[str, list[ast.Call]] = {}
        for node in written.elts:
            if isinstance(node, ast.Call) and node in voters & counted:
                options = [keyword for keyword in node.keywords if keyword.arg not in ("label", "phase")]
                alike.setdefault(ast.dump(ast.Call(node.func, node.args, options)), []).append(node)
        yield from (same for same in alike.values() if len(same) > 1)


class SkepticsSeeVotes(Rule):
    """A voter is shown how others have voted.

    What: the prompt of an agent holds what another voter said, and the decisions of both are counted together.
    Why: the count is not of independent opinions: later voters follow the first.
    Bad:
        vote = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
        one = await agent("Is it sound?", schema=vote, critical=True)
        two = await agent(f"Is it sound? The first said {one['ok']}", schema=vote, critical=True)
        kept = sum(v["ok"] for v in (one, two)) == 2
    Good:
        vote = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
        votes = await parallel([agent(f"As {r}, is it sound?", schema=vote) for r in ("a", "b")])
        kept = sum(1 for v in votes if v and v["ok"]) == 2
    When not: a chair who reads the votes and is not counted; later rounds whose votes replace the earlier ones.
    """

    code = "V804"
    name = "skeptics-see-votes"
    severity = "warning"
    message = "This voter reads earlier votes, so that the count at line {line} is not of independent opinions."
    why = "Later voters follow the first."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each voter that is shown a vote it is counted with."""
        events = calls(facts)
        counted = tallies(facts)
        for node, asked in events.items():
            for event in asked:
                told = about(event.marks.get("prompt", frozenset()) | event.marks.get("context", frozenset()), "says")
                others = [other for other in told if other in events and _same_ballot(event, events[other], node)]
                places = [place for place, says in counted if node in says and says & set(others)]
                if places:
                    line = getattr(places[0], "lineno", 0)
                    text = "Ask all of them in one parallel; let a chair read the votes."
                    yield self.found(facts, node, line=line, fix=suggestion(text))
                    break


def _same_ballot(event: Asked, others: list[Asked], node: ast.Call) -> bool:
    """Tell whether an agent votes with others in one round."""
    rounds = [loop for loop in event.made if loop.kind in ("for", "while")]
    if not ballot(event):
        return False
    if others[0].call.node is node:
        one_by_one = len(rounds) == 1 and bool(rounds[0].waits) and not rounds[0].helper
        return one_by_one and event.made[-1] is rounds[0] and not rounds[0].leaves
    schema = event.call.keywords.get("schema")
    alike = [other for other in others if other.call.keywords.get("schema") is schema]
    return any([loop for loop in other.made if loop.kind in ("for", "while")] == rounds for other in alike)


class FailedVoteApproves(Rule):
    """A voter that fails counts in favour.

    What: votes that are None are left out, and what is left decides by its objections alone, or by `all` over however
        few there are.
    Why: when the voters fail, by a timeout or a refusal, everything passes unchecked.
    Bad:
        vote = {"type": "object", "properties": {"refuted": {"type": "boolean"}}, "required": ["refuted"]}
        votes = await parallel([agent(f"Refute it by {l}", schema=vote) for l in ("a", "b", "c")])
        refuted = sum(1 for v in votes if v and v["refuted"])
        kept = refuted < 2
    Good:
        vote = {"type": "object", "properties": {"refuted": {"type": "boolean"}}, "required": ["refuted"]}
        votes = await parallel([agent(f"Refute it by {l}", schema=vote) for l in ("a", "b", "c")])
        upheld = sum(1 for v in votes if v and not v["refuted"])
        kept = upheld >= 2
    When not: approvals against a threshold; a minimum of votes that is tested besides.
    """

    code = "V805"
    name = "failed-vote-approves"
    severity = "error"
    message = "When the voters fail, {expr} is {outcome}, and what they should have judged passes."
    why = "A timeout or a refusal counts as approval."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each decision in which a vote that is missing counts in favour."""
        gathering = {event for event in facts.each(FanOut) if event.gathers}
        votes = {loop.node: loop for loop in facts.each(Loop) if _may_miss(loop)}
        for walk, loop in votes.items():
            found = None if about(loop.walked, "mapped", "flat") & gathering else _decided(facts, walk)
            if found is not None:
                place, outcome = found
                expr = " ".join(facts.positions.text(place).split())
                text = "Count approvals against a threshold, or test first that enough votes came in."
                yield self.found(facts, place, expr=expr, outcome=outcome, fix=suggestion(text))


def _may_miss(loop: Loop) -> bool:
    """Tell whether a loop or comprehension walks answers of agents, each of which may have failed."""
    vote = element(loop.over) if loop.over is not None else None
    if (
        loop.kind not in ("comprehension", "for")
        or loop.over is None
        or not isinstance(vote, Dict)
        or not about(vote.marks, "says")
    ):
        return False
    return (vote.lack is not None and bool(vote.lack.why)) or isinstance(loop.over.kept_from, Listing)


Decision = tuple[ast.expr, str]
"""A test that goes the wrong way when all votes are missing, and what it comes to then."""


def _decided(facts: Facts, walk: ast.AST) -> Decision | None:
    """Return the decision that rests on a walk through votes, if it goes the wrong way when all are missing."""
    around = facts.parents.get(walk)
    if isinstance(around, ast.Call) and len(around.args) == 1:
        return _misjudged(facts, around, around.args[0])
    match walk:
        case ast.For(
            target=ast.Name(id=vote),
            body=[ast.If(test=test, body=[ast.AugAssign(target=ast.Name(id=counted), op=ast.Add())], orelse=[])],
        ):
            sense, missing_counts = _sense(_conjuncts(test), vote)
            if sense < 0 and not missing_counts and not _asks_how_many(facts, walk, walk.iter):
                return _threshold_of(facts, walk, counted)
    return None


def _misjudged(facts: Facts, call: ast.Call, comprehension: ast.expr) -> Decision | None:
    """Return the decision that a count of votes in a comprehension leads to, if it goes the wrong way."""
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    if not isinstance(comprehension, _Comprehension) or len(comprehension.generators) != 1:
        return None
    (clause,) = comprehension.generators
    vote = clause.target.id if isinstance(clause.target, ast.Name) else ""
    tests = [comprehension.elt] if name in ("all", "any") else [*clause.ifs, comprehension.elt]
    sense, missing_counts = _sense([part for test in tests for part in _conjuncts(test)], vote)
    if missing_counts:
        return (call, "true") if sense > 0 and name != "any" else None
    if _asks_how_many(facts, call, clause.iter):
        return None
    if name == "all" and sense > 0 and not _asks_for(comprehension.elt, vote):
        return call, "true"
    if name == "any" and sense < 0:
        return call, "false"
    if name in ("sum", "len") and sense < 0:
        return _compared(facts, call)
    return None


def _asks_for(test: ast.expr, vote: str) -> bool:
    """Tell whether a test fails where there is no vote."""
    return any(isinstance(part, ast.Name) and part.id == vote for part in _conjuncts(test))


def _conjuncts(test: ast.expr) -> list[ast.expr]:
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return [part for value in test.values for part in _conjuncts(value)]
    return [test]


def _sense(tests: list[ast.expr], vote: str) -> tuple[int, bool]:
    """Return whether tests of a vote count approvals (1) or objections (-1), and whether a missing one counts too."""
    senses = [(_leaning(test, vote), False) for test in tests]
    for test in tests:
        if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or) and _is_missing(test.values[0], vote):
            senses += [(_leaning(part, vote), True) for part in test.values[1:]]
    known = [one for one in senses if one[0]]
    return known[0] if len(known) == 1 else (0, False)


def _is_missing(test: ast.expr, vote: str) -> bool:
    match test:
        case ast.Compare(left=ast.Name(id=name), ops=[ast.Is()], comparators=[ast.Constant(value=None)]):
            return name == vote
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=name)):
            return name == vote
    return False


_AGAINST = re.compile(
    r"refut|reject|\bbad|wrong|fals|broke|fail|object|block|veto|unsafe|flaw|invalid|incorrect|inaccur|disagree|"
    r"unsound|contradict|mislead|unsupported|hallucinat|spam|violat|problem",
    re.I,
)
_FOR = re.compile(
    r"\bok|accept|approv|pass|valid|surviv|hold|real|confirm|correct|sound|support|agree|keep|safe|true|faithful|"
    r"accura|good|genuine|uph[eo]ld|stand|plausib|verified|reproduc|legit|fair|endors|\byes",
    re.I,
)


def _leaning(test: ast.expr, vote: str) -> int:
    """Return whether a test of one field of a vote says yes (1) or no (-1); 0 where its name does not tell."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return -_leaning(inner, vote)
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(field))) if name == vote:
            return _named(field)
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id=name), attr="get"), args=[ast.Constant(value=str(field)), *_]
        ):
            return _named(field) if name == vote else 0
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[ast.Constant(value=str(choice))]):
            return _named(choice) if _of(left, vote) else 0
        case ast.Compare(left=left, ops=[ast.NotEq()], comparators=[ast.Constant(value=str(choice))]):
            return -_named(choice) if _of(left, vote) else 0
    return 0


def _of(node: ast.expr, vote: str) -> bool:
    return isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == vote


def _named(field: str) -> int:
    words = field.replace("_", " ")
    return -1 if _AGAINST.search(words) else 1 if _FOR.search(words) else 0


def _asks_how_many(facts: Facts, call: ast.AST, votes: ast.expr) -> bool:
    """Tell whether the function also asks whether there are votes at all, or enough of them."""
    names = {inner.id for inner in ast.walk(votes) if isinstance(inner, ast.Name)}
    return any(
        _measures(node, call) or (isinstance(node, ast.Name) and node.id in names and _is_condition(facts, node))
        for node in ast.walk(_function(facts, call))
    )


def _measures(node: ast.AST, call: ast.AST) -> bool:
    """Tell whether something is compared with the length of a list."""
    return isinstance(node, ast.Compare) and any(
        isinstance(inner, ast.Call)
        and inner is not call
        and isinstance(inner.func, ast.Name)
        and inner.func.id == "len"
        for inner in ast.walk(node)
    )


def _is_condition(facts: Facts, node: ast.AST) -> bool:
    parent = facts.parents.get(node)
    match parent:
        case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
            return test is node
        case ast.BoolOp() | ast.Assert():
            return True
        case ast.UnaryOp(op=ast.Not()):
            return True
    return False


def _function(facts: Facts, node: ast.AST) -> ast.AST:
    outer = node
    while not isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.Module)):
        outer = facts.parents[outer]
    return outer


def _compared(facts: Facts, call: ast.Call) -> Decision | None:
    """Return where the number of objections alone decides."""
    parent = facts.parents.get(call)
    if isinstance(parent, ast.Compare):
        return _threshold(parent, call)
    if not isinstance(parent, ast.Assign) or not isinstance(parent.targets[0], ast.Name):
        return None
    return _threshold_of(facts, call, parent.targets[0].id)


def _threshold_of(facts: Facts, node: ast.AST, name: str) -> Decision | None:
    """Return where a number that a variable holds is compared with a fixed one."""
    for inner in ast.walk(_function(facts, node)):
        if isinstance(inner, ast.Name) and inner.id == name:
            parent = facts.parents.get(inner)
            found = _threshold(parent, inner) if isinstance(parent, ast.Compare) else None
            if found is not None:
                return found
    return None


def _threshold(node: ast.Compare, counted: ast.expr) -> Decision | None:
    """Return a comparison of a number of objections with a fixed number, and what it is for none."""
    if len(node.ops) != 1:
        return None
    left, right, operator = node.left, node.comparators[0], type(node.ops[0])
    if right is counted:
        left, right, operator = right, left, _TURNED.get(operator, operator)
    if left is not counted or not isinstance(right, (ast.Constant, ast.Name)):
        return None
    return node, "true" if operator in (ast.Lt, ast.LtE, ast.Eq) else "false"


_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Gt: ast.Lt, ast.GtE: ast.LtE, ast.Lt: ast.Gt, ast.LtE: ast.GtE}


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
        verdicts = {event.call.node for event in facts.each(Asked) if event.name == "verify"}
        used = {call for event in facts.each(FieldRead) for call in about(event.answer.marks, "says")}
        used |= {call for event in facts.each(Asked) for marks in event.marks.values() for call in about(marks, "says")}
        used |= {
            call for value in contents(facts.result) if isinstance(value, Dict) for call in about(value.marks, "says")
        }
        reported: set[ast.expr] = set()
        for event in facts.each(AnswerTested):
            calls_meant = about(event.answer.marks, "says") & verdicts
            schema = event.answer.schema
            own = schema is not None and schema.name == "the verdict of verify()"
            if own and calls_meant and not calls_meant & used and event.node not in reported:
                reported.add(event.node)
                yield self.found(facts, event.node, fix=_survives(facts, event))


def _survives(facts: Facts, event: AnswerTested) -> Fix:
    node, text = event.node, 'Test ["survives"].'
    written, parent = facts.positions.text(node), facts.parents.get(event.node)
    if isinstance(node, ast.Await) and event.answer.lack is None:
        return Fix("safe", text, (facts.positions.replace(node, f'({written})["survives"]'),))
    if isinstance(node, ast.Name) and event.answer.lack is None:
        return Fix("safe", text, (facts.positions.after(node, '["survives"]'),))
    if isinstance(node, ast.Name) and isinstance(parent, (ast.comprehension, ast.If)):
        return Fix("safe", text, (facts.positions.after(node, f' and {written}["survives"]'),))
    return suggestion(text)
