"""Which run a command means: where `@last` is older than what was last to be run, that is said."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from weft.runtime.cli.output import show
from weft.runtime.page import line
from weft.runtime.plain import on_one_line, plain

if TYPE_CHECKING:
    from weft.runtime.project.folders import Project, RunFolder

__all__ = ["find_run", "say_unstarted"]


def find_run(reference: str, project: Project | None = None) -> RunFolder:
    """Return the run that a reference means, of the project in the working directory where none is given.

    Raises:
        NotFound: no run or more than one goes by it.
    """
    from weft.runtime.project.folders import Project

    found = (project or Project(Path.cwd())).find_run(reference)
    say_unstarted(reference, found, project or Project(Path.cwd()))
    return found


def say_unstarted(reference: str, found: RunFolder, project: Project) -> None:
    """Say that the latest run is not the last that was to be, where that could not be started."""
    from weft.runtime.project.unstarted import why_unstarted

    why = why_unstarted(project) if reference == "@last" else None
    if why is not None:
        said = f"what was last to be run could not be started ({on_one_line(plain(why))}); {found.id} is the run before"
        show([line(("note: ", "dim"), said, hang=6)], err=True)
