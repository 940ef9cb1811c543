"""What `match` does: which names a pattern gives which parts of a value."""

from __future__ import annotations

import ast
from collections.abc import Callable

from weft.linter.effort import walk
from weft.linter.facts.domain.amounts import ZERO, at_least, number
from weft.linter.facts.domain.contained import deep_marks
from weft.linter.facts.domain.given import as_listing
from weft.linter.facts.domain.holding import anything
from weft.linter.facts.domain.intervals import EXACTLY_ONE, Interval, Less
from weft.linter.facts.domain.joins import count
from weft.linter.facts.domain.marks import NO_MARKS, derived, outcome, picked
from weft.linter.facts.domain.meeting import join
from weft.linter.facts.domain.state import State
from weft.linter.facts.domain.sums import minus
from weft.linter.facts.domain.truth import both, truth
from weft.linter.facts.domain.values import (
    Bool,
    Dict,
    Given,
    Listing,
    Nothing,
    Number,
    Part,
    Text,
    Value,
    When,
    asked,
    marked,
)
from weft.linter.facts.follow.comparing import told
from weft.linter.facts.follow.entries import fields_of, missing_field
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.sequences import listing, taken

__all__ = ["match"]


def match(m: Machine, node: ast.Match, follow: Callable[[list[ast.stmt]], None] | None = None) -> None:
    """Follow a `match` statement; `follow` follows what is done in a case."""
    follow = follow or m.execute
    subject = m.evaluate(node.subject)
    chooses = any(isinstance(part, ast.MatchValue) for case in node.cases for part in walk(case.pattern))
    marks = deep_marks(subject)
    control = m.steer(Bool(marks=marks | picked(marks, NO_MARKS)) if chooses else subject, node.subject)
    if isinstance(subject, Listing) and any(map(_asks_for_none, node.cases)):
        control |= asked(*(part.element for part in subject.parts))
    before, states, open_end = m.state, [], True
    for case in node.cases:
        m.state = before.fork()
        m.state.control |= control | outcome(control, node, holds=case is node.cases[0])
        m.state.learn(_told(case.pattern, subject).true)
        _capture(m, case.pattern, subject)
        guard: Value | None = None
        if case.guard is not None:
            guard = m.evaluate(case.guard)
            m.state.control |= m.steer(guard, case.guard)
            m.assume(guard, True)
        follow(case.body)
        states.append(m.state)
        open_end = open_end and not (case.guard is None and _takes(case.pattern, subject))
        before = _without(before, case, subject, guard)
    open_end = open_end and not (isinstance(subject, Listing) and _every_length(node.cases))
    states += [before] if open_end else []
    m.state = join(states)
    if all(state.alive for state in states):
        m.state.control = before.control


def _without(before: State, case: ast.match_case, subject: Value, guard: Value | None) -> State:
    """Return what holds when a case did not match."""
    if guard is not None and _irrefutable(case.pattern):
        before = before.fork()
        before.learn(truth(guard).false)
    if case.guard is None:
        before = before.fork()
        before.learn(_told(case.pattern, subject).false)
    return before


def _every_length(cases: list[ast.match_case]) -> bool:
    """Tell whether there is a case for a list of every length, whatever is in it."""
    lengths: set[int] = set()
    longer: list[int] = []
    for case in cases:
        match case.guard, case.pattern:
            case None, ast.MatchSequence(patterns=patterns):
                fixed = [inner for inner in patterns if not isinstance(inner, ast.MatchStar)]
                if all(map(_irrefutable, fixed)):
                    lengths.add(len(fixed))
                    longer += [len(fixed)] if len(fixed) < len(patterns) else []
    return bool(longer) and lengths.issuperset(range(min(longer)))


def _told(pattern: ast.pattern, subject: Value) -> When:
    """Return what it says that a pattern matches, and that it does not."""
    match pattern:
        case ast.MatchSingleton(value=None):
            return told(subject, Nothing(), "==")
        case ast.MatchSingleton(value=bool(const)):
            return told(subject, Bool(const=const), "==")
        case ast.MatchValue(value=ast.Constant(value=str(const))):
            return told(subject, Text(const=const), "==")
        case ast.MatchAs(pattern=ast.pattern() as inner):
            return _told(inner, subject)
        case ast.MatchSequence(patterns=patterns) if isinstance(subject, Listing):
            return _told_of_length(patterns, subject)
        case ast.MatchOr(patterns=patterns):
            return both([_told(inner, subject) for inner in patterns], all_of=False)
    return When()


def _told_of_length(patterns: list[ast.pattern], subject: Listing) -> When:
    """Return what it says of the length of a list that a pattern of so many elements matches, and that it does not."""
    fixed = [inner for inner in patterns if not isinstance(inner, ast.MatchStar)]
    size = count(subject.parts)
    length, least = Number(low=size.low, high=size.high), Number(low=number(len(fixed)), high=number(len(fixed)))
    when = told(least, length, "<=") if len(fixed) < len(patterns) else told(length, least, "==")
    return when if all(map(_irrefutable, fixed)) else When(when.true)


def _asks_for_none(case: ast.match_case) -> bool:
    return any(isinstance(part, ast.MatchSingleton) and part.value is None for part in walk(case.pattern))


def _takes(pattern: ast.pattern, subject: Value) -> bool:
    """Tell whether a pattern matches a value whatever it is."""
    match pattern:
        case ast.MatchSequence(patterns=patterns) if isinstance(subject, Listing) and subject.kind == "tuple":
            exact = len(patterns) == len(subject.parts) and all(part.count == EXACTLY_ONE for part in subject.parts)
            return exact and all(map(_irrefutable, patterns))
    return _irrefutable(pattern)


def _irrefutable(pattern: ast.pattern) -> bool:
    return isinstance(pattern, ast.MatchAs) and (pattern.pattern is None or _irrefutable(pattern.pattern))


def _capture(m: Machine, pattern: ast.pattern, value: Value) -> None:
    """Bind the names in a pattern to the parts of a value that they stand for."""
    match pattern:
        case ast.MatchAs(pattern=inner, name=name):
            if inner is not None:
                _capture(m, inner, value)
            if name is not None:
                m.bind(name, m.state.current(value))
        case ast.MatchMapping():
            _capture_entries(m, pattern, value)
        case ast.MatchSequence(patterns=patterns) if isinstance(value, (Listing, Given)):
            _capture_elements(m, patterns, as_listing(value) if isinstance(value, Given) else value)
        case ast.MatchSequence(patterns=patterns):
            for inner in patterns:
                _capture(m, inner, anything("it is matched", value))
        case ast.MatchOr(patterns=patterns):
            for inner in patterns:
                _capture(m, inner, value)
        case ast.MatchClass(patterns=patterns, kwd_patterns=named):
            for inner in (*patterns, *named):
                _capture(m, inner, anything("it is an attribute that is matched", value))
        case ast.MatchStar(name=str(name)):
            m.bind(name, value)


def _capture_elements(m: Machine, patterns: list[ast.pattern], value: Listing) -> None:
    """Bind the names in a pattern of a list, which matches none that is too short, nor one too long without a star."""
    starred = [index for index, inner in enumerate(patterns) if isinstance(inner, ast.MatchStar)]
    fixed, size = len(patterns) - len(starred), count(value.parts)
    if not at_least(size.high, number(fixed)) and size.high.constant is not None:
        m.state.end()
    if not starred and size.low.constant is not None and size.low.constant > fixed:
        m.state.end()
    if fixed:
        m.state.learn([Less(number(fixed - 1), size.high)])
    exact = all(part.count == EXACTLY_ONE for part in value.parts)
    behind = len(patterns) - starred[0] - 1 if starred else 0
    for index, inner in enumerate(patterns):
        if isinstance(inner, ast.MatchStar):
            found = value.parts[index : len(value.parts) - behind]
            rest = found if exact else (Part(Interval(ZERO, minus(size.high, number(fixed))), taken(m, value)),)
            _capture(m, inner, listing(m, inner, *rest, marks=derived(value.marks)))
        else:
            after = bool(starred) and index > starred[0]
            _capture(m, inner, taken(m, value, index - len(patterns) if after else index))


def _capture_entries(m: Machine, pattern: ast.MatchMapping, value: Value) -> None:
    """Bind the names in a pattern of a dict."""
    value = m.state.refine(value, lack=None) if value.lack is not None else value
    known = fields_of(value) if isinstance(value, Dict) else {}
    for key, inner in zip(pattern.keys, pattern.patterns, strict=True):
        entry = known.get(str(key.value)) if isinstance(key, ast.Constant) else None
        if entry is None and isinstance(value, Dict) and isinstance(key, ast.Constant) and isinstance(key.value, str):
            missing_field(m, value, key.value, key)
        unknown = anything("it is matched", value)
        _capture(m, inner, marked(entry.value, value.marks) if entry is not None else unknown)
    if pattern.rest is not None:
        m.bind(pattern.rest, anything("it is the rest of a dict", value))
