"""Runs before this one that could be gone on with instead: what they have paid for need not be paid for again.

Which run a part of its name means is `folders`; going on with one is `resume`.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from weft.runtime.errors import JournalError, NotFound
from weft.runtime.project.files import read_regular

if TYPE_CHECKING:
    from weft.runtime.journal import RunState
    from weft.runtime.journal.events import RunStarted
    from weft.runtime.project.folders import Project, RunFolder
    from weft.runtime.project.harness import Harness

__all__ = ["may_go_on", "outcome_text", "run_to_resume", "unfinished"]

LATEST = 200
"""How many runs are looked at, the latest first."""

EDITED = 20
"""How many of them are looked at for other versions of a harness, which takes opening each."""

SHOWN = 5
"""How many runs are listed where one of them has to be named."""


def may_go_on(state: RunState) -> bool:
    """Whether a run has paid for answers, and did not come to all that it could."""
    return _left(state) and state.count("done") > 0 and bool(state.spent.tokens or state.spent.usd)


def unfinished(project: Project, harness: Harness, args: Any) -> RunState | None:
    """Return the latest run of a harness with these arguments, if that goes on, or is one to be gone on with.

    One of another version of the harness, from the same file, counts only where it can be gone on with.
    """
    wanted = _canonical(args)
    for back, folder in enumerate(reversed(project.runs()[-LATEST:])):
        same = _source(folder) == harness.source.encode()
        start = _start(folder) if same or back < EDITED else None
        if start is None or _canonical(start.args) != wanted:
            continue
        same = same and start.source == harness.source
        if same or (start.name, start.file) == (harness.name, harness.filename):
            state = _state(folder)
            wants = state is not None and (may_go_on(state) or (same and state.outcome == "running"))
            return state if wants else None
    return None


def run_to_resume(project: Project, reference: str) -> RunFolder:
    """Return the run that a reference means: by its own name, as for `find_run`, or by the name of its harness.

    Raises:
        NotFound: no run that can be gone on with goes by it, or more than one.
    """
    if reference == "@last" or project.has_run(reference):
        return project.find_run(reference)
    called = [folder for folder in reversed(project.runs()[-LATEST:]) if _is_of(folder, reference)]
    if not called:
        return project.find_run(reference)
    others = [folder for folder in project.runs_named(reference) if folder.id not in {one.id for one in called}]
    left = [(folder, state) for folder in called if (state := _state(folder)) is not None and _left(state)]
    open_ = [(folder, state) for folder, state in left if may_go_on(state)] or left
    if len(open_) == 1 and not others:
        return open_[0][0]
    lines = [*map(_described, open_[:SHOWN]), *(folder.id for folder in others[:SHOWN])]
    if not lines:
        what = f"no run of {reference!r} is left to be gone on with, of {len(called):,}"
        raise NotFound(what, meaning="nothing was started", fix="weft runs lists them; weft resume RUN names one")
    what = f"{reference!r} is a harness, and {len(open_) + len(others):,} runs can be meant"
    raise NotFound(
        what,
        where="\n".join(lines),
        meaning="nothing was started",
        fix="name the run: weft resume RUN; weft runs lists all",
    )


def outcome_text(state: RunState) -> str:
    """Return how a run ended, in words."""
    return f"{state.outcome}, {state.health}" if state.outcome == "completed" else state.outcome


def _left(state: RunState) -> bool:
    """Whether a run has ended, and did not come to all that it could."""
    whole = state.outcome == "completed" and not (state.lost or state.raised)
    return not whole and state.outcome != "running"


def _described(run: tuple[RunFolder, RunState]) -> str:
    folder, state = run
    return f"{folder.id}  {outcome_text(state)}, {state.count('done')} agents done, ${state.spent.usd:.4f}"


def _is_of(folder: RunFolder, name: str) -> bool:
    start = _start(folder)
    return start is not None and name in (start.name, start.file, os.path.join(os.curdir, start.file))


def _canonical(args: Any) -> str:
    return json.dumps(args, sort_keys=True)


def _source(folder: RunFolder) -> bytes | None:
    try:
        return read_regular(folder.harness)
    except OSError:
        return None


def _start(folder: RunFolder) -> RunStarted | None:
    """Return how a run began; nothing for one that cannot be read, which is for others to say."""
    try:
        return folder.start()
    except JournalError:
        return None


def _state(folder: RunFolder) -> RunState | None:
    try:
        return folder.state()
    except (JournalError, NotFound):
        return None
