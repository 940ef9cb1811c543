"""What a resume would do, and why an agent was asked: for a terminal, and as JSON data."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from weft.runtime.execution.resume_plan import ResumePlan
from weft.runtime.journal import Known, Why
from weft.runtime.journal.compare import Explanation
from weft.runtime.plain import apart, plain

__all__ = ["explanation_object", "explanation_text", "resume_object", "resume_text"]

REASONS = {
    "lost": "lost last time",
    "interrupted": "at work when the run ended",
    "waiting": "not started when the run ended",
    "changed": "its input changed",
    "new": "new",
}


def resume_text(plan: ResumePlan) -> str:
    """Return the bill of a resume."""
    replaced = [ask for ask in plan.asked if ask.why.before and ask.why.before.finished]
    total = len(plan.reused) + len(plan.orphaned) + len(replaced)
    lines = [f"{total} recorded {'answer' if total == 1 else 'answers'} compared with the harness:"]
    lines.append(_row("from the journal", len(plan.reused), _paid(plan)))
    for reason in sorted(plan.reasons):
        names = [plain(ask.called.request.name) + _fields(ask.why) for ask in plan.asked if ask.why.reason == reason]
        lines.append(_row("to be asked", len(names), f"{REASONS[reason]}: {_listed(names)}"))
    if plan.orphaned:
        lines.append(
            _row(
                "no longer asked for",
                len(plan.orphaned),
                _listed([plain(k.called.request.name) for k in plan.orphaned]),
            )
        )
    if plan.undecided:
        names = [plain(called.request.name) for called in plan.undecided]
        lines.append(_row("to be decided", len(names), f"may have had effects: {_listed(names)}"))
    return "\n".join([*lines, _price(plan)])


def _row(what: str, count: int, detail: str) -> str:
    return f"  {what:<20} {count:>5}   {detail}"


def _fields(why: Why) -> str:
    return f" ({', '.join(why.fields)})" if why.fields else ""


def _listed(names: list[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _paid(plan: ResumePlan) -> str:
    return "answered before" if plan.settings.stub is not None else f"${plan.saved.usd:.4f} already paid"


def _price(plan: ResumePlan) -> str:
    if plan.settings.stub is not None:
        return f"nobody is paid: agents are answered by {plan.settings.stub}"
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


def resume_object(plan: ResumePlan) -> dict[str, Any]:
    """Return the bill of a resume as JSON data."""
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
        "saved": asdict(plan.saved),
        "spent": asdict(plan.spent),
        "budget": {"tokens": plan.settings.budget_tokens, "usd": plan.settings.budget_usd},
    }


def _known(known: Known) -> dict[str, Any]:
    called = known.called
    spent = known.finished.spent if known.finished else None
    return {
        "label": called.request.name,
        "phase": called.request.phase,
        "path": called.path,
        "line": called.line,
        "spent": asdict(spent) if spent else None,
    }


def _why(why: Why | None) -> dict[str, Any]:
    return {"reason": why.reason if why else None, "fields": list(why.fields) if why else []}


# ------------------------------------------------------------------------------------------------ why


def explanation_text(explained: Explanation) -> str:
    """Return why an agent was asked, in a sentence and what it rests on."""
    called, why = explained.agent.called, explained.why
    lines = [f"{plain(called.request.name)}   line {called.line}, call path {called.path or 'main'}"]
    if explained.agent.reused:
        cost = explained.agent.spent
        return "\n".join(
            [
                *lines,
                f"Not asked again: its answer is from the journal (${cost.usd:.4f}, {cost.tokens:,} tokens back then).",
            ]
        )
    if why is None:
        return "\n".join([*lines, "Asked because the run asked it; there was no execution before."])
    lines.append(_sentence(why))
    if why.before is not None:
        lines.append(f"key  {why.before.called.key[:12]} → {called.key[:12]}")
        for field in why.fields:
            before, now = getattr(why.before.called.request, field), getattr(called.request, field)
            lines += [f"{field}", f"  before  {apart(before, now)}", f"  now     {apart(now, before)}"]
    return "\n".join(lines)


def _sentence(why: Why) -> str:
    lost = why.before.lost if why.before else None
    return {
        "lost": f"Asked again because it was lost: {lost.cause}: {plain(lost.message)}" if lost else "",
        "interrupted": "Asked again because it was at work when the run ended, and its answer never came.",
        "waiting": "Asked because it had not started when the run ended.",
        "changed": f"Asked again because its input changed: {', '.join(why.fields)}.",
        "new": "Asked because it is new: no earlier execution had a call in this place.",
    }[why.reason]


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
        "before": asdict(before.called.request) if before else None,
        "now": asdict(called.request),
    }
