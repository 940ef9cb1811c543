"""How every command looks at a harness with the linter: with the saved harnesses it may call, and as a refusal."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from weft.primitives.language import MAX_AGENTS
from weft.primitives.limits import LANGUAGE
from weft.runtime.cli.output import columns_for, show
from weft.runtime.errors import Refused, UsageError

if TYPE_CHECKING:
    from weft.linter import Report, Role
    from weft.runtime.project.config import Config
    from weft.runtime.project.harness import Harness
    from weft.runtime.project.profiles import Profiles

__all__ = ["lint_here", "refusal", "refuse_errors", "show_reports"]


def show_reports(checked: Sequence[tuple[str, str, Report]], *, err: bool = False) -> None:
    """Print what was found in harnesses, each with its name and its source."""
    from weft.runtime.views.findings import findings_page

    width = columns_for(err=err)
    pages = [["", *findings_page(*one, width)] for one in checked]
    if pages:
        show([block for page in pages for block in page][1:], err=err)


def lint_here(
    source: str,
    filename: str,
    max_agents: int | None = None,
    project: Path | None = None,
    language: int = LANGUAGE,
    *,
    guesses: bool = False,
) -> Report:
    """Lint a harness as it would be run in a project, which is the working directory where none is named.

    It may call the saved harnesses of the project, and start `max_agents`, or as many as the project says.
    `guesses`: the rules that guess are asked too.

    Raises:
        UsageError: the configuration of the project is wrong, and nobody said `max_agents`.
    """
    from weft.linter import lint

    folder = project or Path.cwd()
    try:
        config = _config(folder)
    except UsageError:
        if max_agents is None:
            raise
        config = None
    most = max_agents or (MAX_AGENTS if config is None else int(config.run.get("max_agents", MAX_AGENTS)))
    return lint(
        source,
        filename=filename,
        workflows=partial(_saved_source, folder),
        max_agents=most,
        language=language,
        guesses=guesses,
        tools=() if config is None else config.adds,
        profiles=partial(_role, cache(partial(_profiles, folder))),
    )


def _saved_source(folder: Path, name: str) -> str | None:
    from weft.runtime.project.folders import Project  # most harnesses call no other

    return Project(folder).find_source(name)


TELLING = (b"max_agents", b"tools", b"mcp")
"""What of a configuration the linter goes by."""


def _profiles(folder: Path) -> Profiles | None:
    """Return the profiles of a project; nothing where its configuration is wrong, which who needs it says."""
    from weft.runtime.project.config import read_config  # most harnesses name no profile

    try:
        return read_config(folder).named
    except UsageError:
        return None


def _role(profiles: Callable[[], Profiles | None], name: str) -> Role:
    from weft.linter import Role
    from weft.runtime.project.profiles import role_of

    known = profiles()
    return Role() if known is None else role_of(known, name)


def _config(folder: Path) -> Config | None:
    """Return what a project says, where it says something that the linter goes by."""
    from weft.runtime.project.files import read_regular

    for name in ("weft.toml", "pyproject.toml"):
        if not os.path.lexists(folder / name):
            continue
        try:
            written = read_regular(folder / name)
            stated = any(word in written for word in TELLING)
        except OSError:  # which is said by whoever reads it whole
            stated = True
        if stated:  # most projects say nothing of it, and what reads configurations takes long to load
            from weft.runtime.project.config import read_config

            return read_config(folder)
    return None


def refuse_errors(harness: Harness, max_agents: int, language: int = LANGUAGE) -> Report:
    """Refuse a harness in which the linter finds errors; show warnings, and return what it found and proved.

    Raises:
        Refused: it finds some.
    """
    report = lint_here(harness.source, harness.filename, max_agents, language=language)
    if report.errors or report.warnings:
        show_reports([(harness.filename, harness.source, report)], err=True)
    if report.errors:
        raise refusal(len(report.errors))
    return report


def refusal(errors: int) -> Refused:
    """Return the error that refuses a harness in which the linter found so many."""
    return Refused(
        f"the linter found {errors} {'error' if errors == 1 else 'errors'}",
        meaning="nothing was started",
        fix="mend the harness (weft check --fix applies the safe fixes), or run it as it is with --no-lint",
    )
