"""Saved harnesses that are checked when a harness calls them by a name that was not known before."""

from __future__ import annotations

from weft.runtime.errors import Refused
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import Harness

__all__ = ["LintedHarnesses"]


class LintedHarnesses:
    """Finds the saved harnesses of a project, and refuses those in which the linter finds errors."""

    def __init__(self, project: Project, max_agents: int) -> None:
        """Prepare to find them for a run that may start so many agents."""
        self._project = project
        self._max_agents = max_agents
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
        from weft.linter import lint  # most runs call no saved harness

        find = self._project.find_source
        report = lint(harness.source, filename=harness.filename, workflows=find, max_agents=self._max_agents)
        if report.errors:
            first, count = report.errors[0], len(report.errors)
            raise Refused(
                f"the linter finds {count} {'error' if count == 1 else 'errors'} in saved harness {harness.name!r}:",
                where=f"{harness.filename}:{first.line}: {first.code} {first.message}",
                fix="mend it, or run it as it is with --no-lint",
            )
