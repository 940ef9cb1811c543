"""That a run could not be started: it has no folder, so the latest one there is would be taken for it.

Kept only where there are runs, and until there is another.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from weft.primitives.errors import WeftError
from weft.runtime.errors import single
from weft.runtime.project.files import read_regular, write_atomically
from weft.runtime.project.folders import Project

__all__ = ["noting_unstarted", "why_unstarted"]

LONGEST = 500
"""Letters of a reason that are kept."""


@contextmanager
def noting_unstarted(project: Project) -> Iterator[None]:
    """Remember why a run could not be started in the block; where that cannot be written, nobody is told later."""
    before = _latest(project)
    try:
        yield
    except (WeftError, BaseExceptionGroup) as error:
        why = single(error)
        if before is not None and before == _latest(project) and isinstance(why, WeftError):
            with suppress(OSError):
                write_atomically(_file(project), {"after": before, "why": why.what[:LONGEST]})
        raise


def why_unstarted(project: Project) -> str | None:
    """Return why the last run could not be started; nothing where there has been another since."""
    try:
        kept = json.loads(read_regular(_file(project)))
    except (OSError, ValueError):
        return None
    match kept:
        case {"after": str(after), "why": str(why)} if after == _latest(project):
            return why
    return None


def _latest(project: Project) -> str | None:
    return next((run.id for run in reversed(project.runs())), None)


def _file(project: Project) -> Path:
    return project.root / "runs" / "unstarted.json"
