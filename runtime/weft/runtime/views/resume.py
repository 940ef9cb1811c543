"""What a resume would do, and why an agent was asked: for people, and as JSON data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from weft.runtime.execution.mended import Mended
from weft.runtime.execution.resume_plan import ResumePlan
from weft.runtime.held import whose_text
from weft.runtime.journal import Known, Why
from weft.runtime.journal.compare import Explanation
from weft.runtime.journal.known import Ending
from weft.runtime.page import Block, Line, Table, apart_in, line, named
from weft.runtime.plain import apart, plain
from weft.runtime.request import AgentRequest

__all__ = ["explanation_object", "explanation_page", "mended_page", "resume_object", "resume_page", "summary"]

MOST_LINES = 24
"""How many lines of what is different about a saved harness are shown."""

NAME = 40
"""Columns of a name in a list of them."""


ENDED: dict[Ending | None, str] = {
    None: "the run was killed",
    "completed": "the run was over",
    "error": "the run failed",
    "paused": "the run was paused",
    "budget": "the budget was used up",
    "agents": "the run had started as many agents as it may",
    "deadline": "the time of the run was up",
    "width": "a fan-out was wider than allowed",
    "approval": "the run went beyond what was approved",
    "price": "a fan-out would have cost more than was left",
    "provider": "the provider refused",
    "journal": "the record could not be written",
    "decision": "somebody had to decide about another agent",
    "user": "the run was stopped",
    "command": "you paused the run",
    "retry": "lost agents were asked again",
}
"""How an execution ended, to go on from `when`."""


WAITED_FOR = {"limit": "its provider", "agents": "those it had asked"}


def _reason(why: Why) -> str:
    """Return why an agent is asked, as it is said of the agent."""
    before = why.before
    when = ENDED[before.run_ended] if before else ""
    match why.reason:
        case "lost":
            return f"lost last time ({before.lost.cause})" if before and before.lost else "lost last time"
        case "stopped":
            return "stopped by you"
        case "below":
            return "one that it had asked was lost"
        case "waited":
            waits = before.waits if before else None
            ended = before.run_ended if before else None
            what = f"waited for {WAITED_FOR.get(waits or '', 'budget')}"
            return what if ended == "budget" else f"{what} when {when}"
        case "interrupted":
            return f"at work when {when}"
        case "waiting":
            return f"not started when {when}"
        case "changed":
            return "its input changed"
        case "new":
            return "new"


def resume_page(
    plan: ResumePlan, changed: Sequence[Mended] = (), others: Sequence[tuple[str, ResumePlan]] = ()
) -> list[Block]:
    """Return the bill of a resume.

    Args:
        plan: What it would do.
        changed: Saved harnesses that are others now than the run has loaded.
        others: What it would do under other options.
    """
    replaced = [ask for ask in plan.asked if ask.why.before and ask.why.before.finished]
    total = len(plan.reused) + len(plan.orphaned) + len(replaced)
    rows = [_row("from the journal", len(plan.reused), _used(plan))]
    asked: dict[str, list[str]] = {}
    for ask in plan.asked:
        asked.setdefault(_reason(ask.why), []).append(plain(ask.called.request.name) + _fields(ask.why))
    rows += [_row("to be asked", len(names), f"{reason}: ", names) for reason, names in asked.items()]
    if plan.orphaned:
        names = [plain(known.called.request.name) for known in plan.orphaned]
        rows.append(_row("no longer asked for", len(names), "", names))
    if plan.undecided:
        names = [plain(called.request.name) for called in plan.undecided]
        rows.append(_row("to be decided", len(names), "may have had effects: ", names))
    head = f"{total} recorded {'answer' if total == 1 else 'answers'} compared with the harness:"
    page: list[Block] = [head, Table(tuple(rows), indent=2, right=frozenset({1})), _price(plan)]
    page += [f"of what is spent, unsettled: {plan.unsettled}"] if plan.unsettled.requests else []
    page += [f"limit: {text}" for text in whose_text(plan.held)]
    page += [f"or {option}: {summary(other)}" for option, other in others]
    return page + [f"{one.name} is another harness now; {_executed(one, plan)}" for one in changed]


def _executed(one: Mended, plan: ResumePlan) -> str:
    if one.now is None:
        return "it is saved no more, and executed as this run has loaded it"
    return "it is executed as it is now" if plan.executed == "now" else "it is executed as this run has loaded it"


def summary(plan: ResumePlan) -> str:
    """Return what a resume would do, in one line."""
    if plan.settings.command is not None:
        return f"unknown: {plan.settings.command} answers them, and says what it has cost"
    cost = plan.usd
    price = "at a price nobody knows" if cost is None else f"about {_range(*cost)}"
    return f"{len(plan.reused)} used again, {len(plan.asked)} asked, {price}"


def mended_page(changed: Sequence[Mended], recorded: ResumePlan, now: ResumePlan) -> list[Block]:
    """Return saved harnesses that are others now: what is different, and what either would come to."""
    page: list[Block] = []
    for one in changed:
        difference = one.diff()
        page.append(line((one.name, "strong"), " is another harness now than this run has loaded:"))
        page += [line(f"  {text}") for text in difference[:MOST_LINES]]
        if len(difference) > MOST_LINES:
            page.append(line(f"  … and {len(difference) - MOST_LINES} lines more", "dim"))
    return [*page, f"now:       {summary(now)}", f"recorded:  {summary(recorded)}"]


def _row(what: str, count: int, detail: str, names: Sequence[str] = ()) -> tuple[Line, ...]:
    return (line((what, "dim")), line(str(count)), line(detail, (_listed(names), "dim")))


def _fields(why: Why) -> str:
    return f" ({', '.join(why.fields)})" if why.fields else ""


def _listed(names: Sequence[str]) -> str:
    """Return the first of these names; equal ones once, with their number."""
    counts = Counter(names)
    shown = [name if count == 1 else f"{count} × {name}" for name, count in list(counts.items())[:4]]
    more = len(names) - sum(list(counts.values())[:4])
    return ", ".join(apart_in(shown, NAME)) + (f" and {more} more" if more else "")


def _used(plan: ResumePlan) -> str:
    said = ["answered before" if plan.settings.stub is not None else f"${plan.saved.usd:.4f} already paid"]
    said += [f"{count} by {model}" for model, count in plan.others.items()]
    said += [f"{plan.moved} of them in another place now"] if plan.moved else []
    return ", ".join(said)


def _price(plan: ResumePlan) -> str:
    if plan.settings.stub is not None:
        return f"nobody is paid: agents are answered by {plan.settings.stub}"
    if plan.settings.command is not None:
        return f"unknown: {plan.settings.command} answers them, and says what it has cost"
    cost = plan.usd
    price = "at a price nobody knows" if cost is None else f"about {_range(*cost)} for these"
    ceilings = []
    if plan.settings.budget_usd is not None:
        ceilings.append(f"${max(0.0, plan.settings.budget_usd - plan.spent.usd):.4f} left")
    if plan.settings.budget_tokens is not None:
        ceilings.append(f"{max(0, plan.settings.budget_tokens - plan.spent.tokens):,} tokens left")
    if plan.asked:
        price += ", and for what their answers lead to"
    return ", ".join([price, f"${plan.spent.usd:.4f} spent so far", *ceilings])


def _range(low: float, high: float) -> str:
    least, most = f"${low:.4f}", f"${high:.4f}"
    return least if least == most else f"{least} to {most}"


def resume_object(
    plan: ResumePlan, changed: Sequence[Mended] = (), others: Sequence[tuple[str, ResumePlan]] = ()
) -> dict[str, Any]:
    """Return the bill of a resume as JSON data; the arguments are those of `resume_page`."""
    return {
        "reused": [_known(known) for known in plan.reused],
        "asked": [
            {
                "label": asked.called.request.name,
                "phase": asked.called.request.phase,
                "path": asked.called.path,
                "line": asked.called.line,
                **_why(asked.why),
                "usd": asked.usd,
            }
            for asked in plan.asked
        ],
        "orphaned": [_known(known) for known in plan.orphaned],
        "undecided": [{"label": called.request.name, "path": called.path} for called in plan.undecided],
        "usd": plan.usd,
        "saved": plan.saved.as_data(),
        "spent": plan.spent.as_data(),
        "unsettled": {"requests": plan.unsettled.requests, **plan.unsettled.spent.as_data()},
        "budget": {"tokens": plan.settings.budget_tokens, "usd": plan.settings.budget_usd},
        "saved_harnesses": [
            {"name": one.name, "executed": plan.executed if one.now else "recorded", "difference": one.diff()}
            for one in changed
        ],
        "otherwise": [
            {"option": option, "reused": len(other.reused), "asked": len(other.asked), "usd": other.usd}
            for option, other in others
        ],
    }


def _known(known: Known) -> dict[str, Any]:
    called = known.called
    spent = known.finished.spent if known.finished else None
    return {
        "label": called.request.name,
        "phase": called.request.phase,
        "path": called.path,
        "line": called.line,
        "moved": known.moved,
        "model": known.other_model,
        "spent": spent.as_data() if spent else None,
    }


def _why(why: Why | None) -> dict[str, Any]:
    return {"reason": why.reason if why else None, "fields": list(why.fields) if why else []}


# ------------------------------------------------------------------------------------------------ why


def explanation_page(explained: Explanation) -> list[Block]:
    """Return why an agent was asked, in a sentence and what it rests on."""
    called, why = explained.agent.called, explained.why
    place = f"   line {called.line}, call path {called.path or 'main'}"
    page: list[Block] = [line((plain(called.request.name), "strong"), (place, "dim"))]
    if explained.agent.reused:
        cost = explained.agent.spent
        paid = f"${cost.usd:.4f}, {cost.tokens:,} tokens back then"
        return [*page, f"Not asked again: its answer is from the journal ({paid})."]
    if why is None:
        return [*page, "Asked because the run asked it; there was no execution before."]
    page.append(_sentence(why))
    if why.before is not None:
        page.append(line(("key  ", "dim"), f"{why.before.called.key[:12]} → {called.key[:12]}"))
        for field in why.fields:
            before, now = (_said(request, field) for request in (why.before.asked, called.request))
            page += [
                field,
                named("  before", apart(before, now), width=10),
                named("  now", apart(now, before), width=10),
            ]
    return page


def _said(request: AgentRequest, field: str) -> Any:
    """Return what a request says; of its profile, also what that tells it."""
    value = getattr(request, field)
    return value if field != "profile" or request.instructions is None else f"{value}: {request.instructions}"


def _sentence(why: Why) -> str:
    if why.reason == "changed":
        return f"Asked again because its input changed: {', '.join(why.fields)}."
    if why.reason == "new":
        return "Asked because it is new: no earlier execution had a call in this place."
    if why.reason == "below":
        return "Asked again because one that it had asked was lost, and its answer rests on that."
    again = "" if why.before is not None and why.reason == "waiting" else " again"
    lost = why.before.lost if why.before and why.before.lost and why.reason == "lost" else None
    said = f": {plain(lost.message)}" if lost else ""
    was = "" if why.reason == "waited" else "was "
    return f"Asked{again} because it {was}{_reason(why)}{said}."


def explanation_object(explained: Explanation) -> dict[str, Any]:
    """Return why an agent was asked as JSON data."""
    called, why = explained.agent.called, explained.why
    before = why.before if why else None
    return {
        "agent": called.id,
        "label": called.request.name,
        "execution": explained.execution,
        "reused": explained.agent.reused,
        **_why(why),
        "lost": asdict(before.lost) if before and before.lost else None,
        "before": asdict(before.asked) if before else None,
        "now": asdict(called.request),
    }
