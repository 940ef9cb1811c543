"""What wordings of prompts have come to, for people and as JSON data."""

from __future__ import annotations

import difflib
from typing import Any

from weft.runtime.authoring.tuning import HARDLY, Trial, Tuning
from weft.runtime.authoring.wordings import Prompt
from weft.runtime.page import Block, Role, Table, line

__all__ = ["prompts_page", "tuned_object", "tuned_page"]

SHOWN = 72
"""How many characters of a prompt a list of them shows."""


def prompts_page(prompts: list[Prompt]) -> list[Block]:
    """Return the prompts of a harness with their names."""
    rows = [(line(prompt.name), line(_short(prompt.text))) for prompt in prompts]
    return [Table(tuple(rows), ("prompt", "text"))]


def tuned_page(tuning: Tuning) -> list[Block]:
    """Return the table of trials, how far it can be trusted, and what the best one changes."""
    first = tuning.trials[0]
    rows = [_row(trial, first) for trial in tuning.trials]
    head = ("wording", "mean", "lowest", "better", "same", "worse", "agents", "lost", "cost")
    page: list[Block] = [Table(tuple(rows), head, right=frozenset(range(1, len(head))))]
    if tuning.cut is not None:
        page += ["", line(("not all was tried: ", "warning"), tuning.cut)]
    best = tuning.best
    if best is None:
        return [*page, "", "No wording does better than the harness as it is."]
    better, _, worse = best.against(first)
    said = f"better on {better} of {len(first.scores)} examples, worse on {worse}"
    return [
        *page,
        "",
        line(("best: ", "dim"), (best.wording.name, "strong"), f"   {said}"),
        _sureness(tuning),
        "",
        *(line((row, _ROLES.get(row[:1], "plain"))) for row in _difference(best, first)),
    ]


def _sureness(tuning: Tuning) -> Block:
    """Return whether chance alone may have made the best of all that were tried."""
    assert tuning.chance is not None
    best = "it" if tuning.tried == 1 else f"the best of {tuning.tried} wordings"
    said = f"where none is better, chance alone has {best} do so well in up to {tuning.chance:.0%} of all cases"
    if tuning.chance <= HARDLY:
        return line(("sure: ", "dim"), said, hang=6)
    return line(("not sure: ", "warning"), f"{said}; {tuning.enough} examples or more can tell", hang=10)


_ROLES: dict[str, Role] = {"+": "ok", "-": "lost", "@": "dim"}


def _row(trial: Trial, first: Trial) -> tuple[Any, ...]:
    scores = [score for score in trial.scores if score is not None]
    mean = f"{trial.mean:.4g}" if trial.mean is not None else f"{len(scores)} of {len(trial.scores)}"
    counts = trial.against(first) if trial is not first else ("", "", "")
    lowest = f"{min(scores):.4g}" if scores else ""
    cost = f"${trial.spent.usd:.4f}"
    return tuple(
        line(str(cell)) for cell in (trial.wording.name, mean, lowest, *counts, trial.agents, trial.lost, cost)
    )


def _difference(best: Trial, first: Trial) -> list[str]:
    before, after = first.wording.harness, best.wording.harness
    names = (before.filename, f"{before.filename} with {best.wording.name}")
    lines = difflib.unified_diff(before.source.splitlines(), after.source.splitlines(), *names, lineterm="", n=1)
    return list(lines)


def tuned_object(tuning: Tuning, saved: str | None) -> dict[str, Any]:
    """Return all of it as JSON data."""
    first = tuning.trials[0]
    return {
        "prompts": [{"name": one.name, "text": one.text, "line": one.node.lineno} for one in tuning.prompts],
        "trials": [_trial(trial, first) for trial in tuning.trials],
        "best": tuning.best and tuning.best.wording.name,
        "chance": tuning.chance,
        "cut": tuning.cut,
        "saved": saved,
    }


def _trial(trial: Trial, first: Trial) -> dict[str, Any]:
    better, same, worse = trial.against(first)
    return {
        "wording": trial.wording.name,
        "prompt": trial.wording.prompt and trial.wording.prompt.name,
        "words": trial.wording.words,
        "scores": trial.scores,
        "mean": trial.mean,
        "better": better,
        "same": same,
        "worse": worse,
        "chance": trial.chance(first),
        "runs": trial.runs,
        "agents": trial.agents,
        "lost": trial.lost,
        "tokens": trial.spent.tokens,
        "usd": trial.spent.usd,
    }


def _short(text: str) -> str:
    one = " ".join(text.split())
    return one if len(one) <= SHOWN else f"{one[: SHOWN - 1]}…"
