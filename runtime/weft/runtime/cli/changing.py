"""What can be done with a plan besides deciding: look at the harness, edit, fix, revise, or save it.

Nothing here changes a file of the user's: what becomes of a harness is kept in the folder of plans.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from weft.runtime.cli.linting import lint_here
from weft.runtime.cli.output import asked, show
from weft.runtime.cli.saving import shadows
from weft.runtime.cli.targets import Target, planned, revise
from weft.runtime.errors import Refused, UsageError

if TYPE_CHECKING:
    from weft.runtime.project.config import Config
    from weft.runtime.project.folders import Project
    from weft.runtime.project.harness import Harness
    from weft.runtime.settings import Settings

__all__ = ["Changing", "fixed", "show_changes"]


class Changing:
    """Does what somebody wants to be done with a plan before they decide."""

    def __init__(self, project: Project, settings: Settings, config: Config) -> None:
        self._project = project
        self._settings = settings
        self._config = config
        self._draft: Path | None = None
        """What was edited and is no harness yet; another edit goes on with it."""

    async def do(self, what: str, named: Target, others: Sequence[Harness] = ()) -> Target | None:
        """Do it, and return what the harness has become; nothing where it is as it was.

        Args:
            what: What is to be done.
            named: The harness, with its arguments.
            others: Saved ones that it calls, and that are looked at with it.

        Raises:
            RuntimeFailure: it cannot be done; everything is as it was.
        """
        match what:
            case "view":
                self._view(named, others)
            case "edit":
                return self._edited(named)
            case "fix":
                return fixed(named, self._settings, self._project)
            case "revise":
                now = await revise(
                    named, asked("What is to be different?"), self._settings, self._config, self._project
                )
                show_changes(named, now)
                return None if (now.harness.source, now.args) == (named.harness.source, named.args) else now
            case "save":
                self._save(named)
        return None

    def _view(self, named: Target, others: Sequence[Harness]) -> None:
        from weft.runtime.views.plan import source_page

        for one in [named.harness, *(other for other in others if other.source != named.harness.source)]:
            show(["", f"{one.filename}:", *source_page(one.source), ""], err=True)

    def _edited(self, named: Target) -> Target | None:
        """Let somebody edit a copy of the harness."""
        from weft.runtime.project.files import read_text, shown_path, write_atomically
        from weft.runtime.project.harness import check_args, parse_harness

        if self._draft is None:
            with self._project.writing("plans") as folder:
                self._draft = folder / f"edit-{os.getpid()}.py"
                write_atomically(self._draft, named.harness.source)
        draft = self._draft
        _open(draft)
        try:
            source = read_text(draft)
            harness = parse_harness(source, name=named.harness.name, filename=shown_path(draft))
            check_args(harness, named.args)
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"the edited file cannot be read: {error}", where=shown_path(draft)) from None
        except Refused as refused:
            refused.meaning = "the plan is as it was, and what you wrote is kept"
            refused.fix = f"edit goes on with {shown_path(draft)}"
            raise
        draft.unlink()
        self._draft = None
        if source == named.harness.source:
            show(["nothing is different from before"], err=True)
            return None
        return planned(self._project, harness, named.args, named.words or harness.task, named.spent)

    def _save(self, named: Target) -> None:
        """Keep the harness in the project under a name."""
        from weft.runtime.keeping.saving import save_new

        name = asked("Under which name?")
        origin = "a task" if named.task is not None else f"harness {named.harness.filename}"
        path = save_new(self._project, name, replace(named.harness, name=name), origin)
        show([f"saved as {os.path.relpath(path)}", *shadows(path, self._project)], err=True)


def fixed(named: Target, settings: Settings, project: Project) -> Target | None:
    """Apply the safe fixes of the linter, and show what they change; nothing where there are none.

    Raises:
        RuntimeFailure: what comes of it cannot be kept.
    """
    from weft.linter import fix
    from weft.runtime.project.harness import parse_harness

    before = named.harness
    check = partial(lint_here, filename=before.filename, max_agents=settings.max_agents)
    source = fix(before.source, check=check)
    if source == before.source:
        show(["nothing can be fixed without changing more"], err=True)
        return None
    harness = parse_harness(source, name=before.name, filename=before.filename)
    now = planned(project, harness, named.args, named.words or harness.task, named.spent)
    show_changes(named, now)
    return now


def show_changes(before: Target, now: Target) -> None:
    """Show what a harness has become."""
    from weft.runtime.views.changed import changed_page

    show(["", *changed_page(before.harness.source, now.harness.source, before.args, now.args)], err=True)


def _open(path: Path) -> None:
    """Open a file in the editor that the user has named, and wait until it is closed.

    Raises:
        UsageError: none is named, or it fails.
    """
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        raise UsageError(
            "no editor is named", meaning="the plan is as it was", fix="export EDITOR=nano, or another one"
        )
    failed = UsageError(
        f"the editor {editor!r} failed",
        where=os.path.relpath(path),
        meaning="the plan is as it was, and the file is kept as the editor left it",
        fix="export EDITOR=nano, or another one",
    )
    try:
        done = subprocess.run([*shlex.split(editor), str(path)], check=False)
    except (OSError, ValueError):
        raise failed from None
    if done.returncode != 0:
        raise failed
