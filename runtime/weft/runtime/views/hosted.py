"""Calls of the host as pages for people: all tools of a run, added up; and one call, with what came of it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from weft.runtime.execution.result import answered_by
from weft.runtime.journal.fold import RunState
from weft.runtime.journal.hoststate import HostCallState
from weft.runtime.outline import outline
from weft.runtime.page import Block, Folded, Table, indented, line
from weft.runtime.plain import plain

__all__ = ["facts_rows", "host_call_page", "tools_rows"]

MOST_FACTS = 20
"""Lines of facts that a terminal shows."""


def tools_rows(state: RunState) -> list[Block]:
    """Return the calls of tools, added up by tool: there may be one for each of a thousand files."""
    tools = state.host_calls.tools
    counts = Counter((call.called.request.tool, call.standing) for call in tools)
    rows = []
    for name in dict.fromkeys(call.called.request.tool for call in tools):
        of = sum(number for (tool, _), number in counts.items() if tool == name)
        lost = counts[name, "lost"]
        losses = line((f"{lost} lost", "lost")) if lost else line()
        rows.append((line(name), line(f"{counts[name, 'done']}/{of}"), losses))
    return [line(("tools", "strong")), Table(tuple(rows), indent=2, right=frozenset({1}))] if rows else []


def facts_rows(state: RunState) -> list[Block]:
    """Return what agents have told each other."""
    rows = [
        line(plain(fact.key), (f"  version {fact.version}, by agent {fact.by}  ", "dim"), plain(fact.value), hang=4)
        for _, fact in sorted(state.facts.items())
    ]
    shown: list[Block] = [Folded(tuple(indented(rows, 2)), MOST_FACTS, "--json has them all")]
    return [line(("facts", "strong")), *shown] if rows else []


def host_call_page(call: HostCallState) -> list[Block]:
    """Return all that is known of one call of the host."""
    called, answered, question = call.called, call.answered, call.question
    kind = "tool" if question is None else "question"
    page: list[Block] = [
        line(f"{kind} {called.id}  ", (plain(called.request.name), "strong"), f"  {call.standing}"),
        line((f"line {called.line}, call path {called.path or 'main'}, key {called.key[:12]}", "dim")),
    ]
    if question is not None:
        page += _section("question:", question.text)
        page += [f"choices: {plain(', '.join(question.choices))}"] if question.choices else []
        page.append(f"without an answer within {question.timeout:g} s: {plain(question.default)}")
    if call.lost is not None:
        page += ["", line((f"lost: {call.lost.cause}: ", "lost"), plain(call.lost.message), hang=6)]
    elif answered is not None:
        page += [*_section("result:", answered.value), "", f"by {plain(answered_by(answered))}"]
    return page


def _section(title: str, value: Any) -> list[Block]:
    return ["", line((title, "strong")), *(plain(value).split("\n") if isinstance(value, str) else outline(value))]
