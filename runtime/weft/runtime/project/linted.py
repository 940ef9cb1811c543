"""Saved harnesses that are checked when a harness calls them by a name that was not known before.

The linter's work is done by the `worker`, since runs wait for it that have other things to do.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from weft.primitives.limits import LANGUAGE
from weft.runtime.errors import Refused
from weft.runtime.project.config import read_config
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import Harness
from weft.runtime.project.profiles import role_of
from weft.runtime.schemas.worker import TooHard, work_out

__all__ = ["LintedHarnesses", "errors_found"]

SECONDS = 12.0
"""Processor time that checking one may take: a little more than the linter allows itself."""


class LintedHarnesses:
    """Finds the saved harnesses of a project, and refuses those in which the linter finds errors."""

    def __init__(self, project: Project, max_agents: int, language: int = LANGUAGE) -> None:
        """Prepare to find them for a run that may start so many agents and speaks this version of the language."""
        self._project = project
        self._max_agents = max_agents
        self._language = language
        self._clean: set[str] = set()
        """The digests of those that were found to have none."""

    def __call__(self, name: str) -> Harness | None:
        """Return the saved harness of a name, if there is one.

        Raises:
            Refused: the linter finds errors in it.
        """
        harness = self._project.find_harness(name)
        if harness is not None and harness.digest not in self._clean:
            self._check(harness)
            self._clean.add(harness.digest)
        return harness

    def _check(self, harness: Harness) -> None:
        given = (str(self._project.root.parent), harness.source, harness.filename, self._max_agents, self._language)
        try:
            found = work_out(errors_found, *given, seconds=SECONDS)
        except TooHard as hard:
            raise Refused(
                f"the linter cannot find out whether there are errors in saved harness {harness.name!r}: {hard}",
                fix="make it smaller, or run it as it is with --no-lint",
            ) from None
        if found:
            count = len(found)
            raise Refused(
                f"the linter finds {count} {'error' if count == 1 else 'errors'} in saved harness {harness.name!r}:",
                where=f"{harness.filename}:{found[0]}",
                fix="mend it, or run it as it is with --no-lint",
            )


def errors_found(root: str, source: str, filename: str, max_agents: int, language: int) -> list[str]:
    """Return the errors that the linter finds in a harness of the project in a folder, each with its line."""
    from weft.linter import lint  # the host itself does without it

    find, config = Project(Path(root)).find_source, read_config(Path(root))
    report = lint(
        source,
        filename=filename,
        workflows=find,
        max_agents=max_agents,
        language=language,
        tools=config.adds,
        profiles=partial(role_of, config.named),
    )
    return [f"{error.line}: {error.code} {error.message}" for error in report.errors]
