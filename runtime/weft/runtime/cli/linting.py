"""The linter before anything is executed: what it finds is shown, and errors refuse the harness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from weft.primitives.errors import WeftError

if TYPE_CHECKING:
    from weft.linter import Bound
    from weft.runtime.project.folders import Project
    from weft.runtime.project.harness import Harness

__all__ = ["refusal", "refuse_errors"]


def refuse_errors(harness: Harness, project: Project) -> Bound:
    """Refuse a harness in which the linter finds errors; show warnings, and return what it proved.

    Raises:
        Refused: it finds some.
    """
    from weft.linter import lint, render

    report = lint(harness.source, filename=harness.filename, workflows=project.find_source)
    if report.errors or report.warnings:
        click.echo(render(report, harness.source, harness.filename, "text"), err=True)
    if report.errors:
        raise refusal(len(report.errors))
    return report.bound


def refusal(errors: int) -> WeftError:
    """Return the error that refuses a harness in which the linter found so many."""
    from weft.runtime.errors import Refused

    return Refused(
        f"the linter found {errors} {'error' if errors == 1 else 'errors'}",
        meaning="nothing was started",
        fix="mend the harness (weft check --fix applies the safe fixes), or run it as it is with --no-lint",
    )
