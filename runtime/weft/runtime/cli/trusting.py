"""Whether a saved harness is one that this user has said yes to: it may have come with somebody's project, or changed.

What was approved is in the user's own folder, see `project.approvals`; a plan for a task is approved in `make`. Where
nothing can be spent, nobody is asked about a harness that was never saved with weft; about one that is no longer what
was saved, always.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from weft.runtime.cli.output import show
from weft.runtime.cli.targets import Target
from weft.runtime.errors import Refused, Unapproved
from weft.runtime.settings import OFFLINE

if TYPE_CHECKING:
    from weft.runtime.project.config import Config
    from weft.runtime.project.folders import Project
    from weft.runtime.project.harness import Harness
    from weft.runtime.settings import Settings

__all__ = ["Trust"]

Find = Callable[[str], "Harness | None"]


class Trust:
    """What of the saved harnesses of a project may run in one command, and what may cost something."""

    def __init__(self, project: Project, settings: Settings, config: Config, *, yes: bool) -> None:
        """Prepare to ask.

        Args:
            project: Whose saved harnesses they are.
            settings: Who answers agents.
            config: What the project says of models.
            yes: Whether everything is approved beforehand.
        """
        self._project = project
        self._settings = settings
        self._config = config
        self._yes = yes

    def costs(self, harness: Harness) -> bool:
        """Whether a run of a harness may cost something: its model does, or it could name another one."""
        from weft.runtime.project.harness import chooses_model

        if self._settings.stub is not None:
            return False
        return not self.free or any(chooses_model(one) for one in [harness, *self._called(harness)])

    @property
    def free(self) -> bool:
        """Whether nobody costs anything who may be asked though no harness names them.

        The project is not asked for prices: it could be anybody's, and say that all is free.
        """
        from weft.runtime.money.prices import is_free

        if self._settings.command is not None:
            return False
        return self._settings.stub is not None or all(is_free(model) for model in self._models())

    def _models(self) -> Iterator[str]:
        """Yield the model of the run, those that stand in for it, and the one that compares texts."""
        yield self._settings.model
        yield from self._config.model(self._settings.model).fallback
        if self._config.embeddings is not None and self._settings.model != OFFLINE:
            yield self._config.embeddings.model

    def approve(self, harnesses: Iterable[Harness]) -> None:
        """Remember that these were approved."""
        for one in harnesses:
            self._add(one)

    def require(self, named: Target) -> None:
        """Check that there is a yes already, where nobody is asked; one beforehand is remembered.

        Raises:
            Refused: there is none.
        """
        unknown = self.unknown(named)
        if self._yes:
            self.approve(unknown)
        elif unknown:
            raise _refusal(unknown, "here nobody is asked")

    def unknown(self, named: Target) -> list[Harness]:
        """Return the saved harnesses that would run, and to which nobody has said yes."""
        own = [named.harness] if named.task is None and self._is_saved(named.path) else []
        return [one for one in [*own, *self._called(named.harness)] if not self._known(one)]

    def _is_saved(self, path: Path | None) -> bool:
        """Whether what was named is a saved harness: by its name, or by the file in which it is saved."""
        return path is None or path.resolve().parent in {
            folder.resolve() for folder in self._project.workflows.values()
        }

    def _known(self, harness: Harness) -> bool:
        from weft.runtime.project.approvals import trusted

        return trusted(harness) or self._harmless(harness)

    def _approved(self, harness: Harness) -> bool:
        """Whether there is a yes; one that is given on the command line is remembered."""
        if self._known(harness):
            return True
        if self._yes:
            self._add(harness)
        return self._yes

    def _harmless(self, harness: Harness) -> bool:
        """Whether a harness can spend nothing, and is not one that somebody has saved and another has changed."""
        from weft.runtime.keeping.shelf import Shelf
        from weft.runtime.project.approvals import Approvals

        path = self._project.saved_path(harness.name)
        # What is kept in the project may have been taken away; what the user has said yes to is not there.
        known = Shelf.of(self._project, harness.name).folder.exists() or (path is not None and Approvals().knows(path))
        return not known and not self.costs(harness)

    def _add(self, harness: Harness) -> None:
        from weft.runtime.project.approvals import Approvals

        path = self._project.saved_path(harness.name)
        if not Approvals().add(harness.digest, f"{harness.name}, {harness.filename}", at=path):
            show(["~/.weft cannot be written to, so the approval holds for this time only"], err=True)

    def _called(self, harness: Harness) -> Iterator[Harness]:
        """Yield the saved harnesses that a harness calls by names that stand in its text, and those that they call."""
        from weft.runtime.project.saved import called_by

        return called_by(harness, self._project.find_harness)

    def finding(self, find: Find | None, sources: Mapping[str, str] | None = None, *, free: bool = False) -> Find:
        """Return what finds saved harnesses for a run: those alone that are approved.

        Args:
            find: Finds them, in place of the project.
            sources: The digests of those that the plan had which was approved, by name, if one was.
            free: Whether the run was begun as one that can cost nothing.
        """

        def found(name: str) -> Harness | None:
            harness = (find or self._project.find_harness)(name)
            if harness is not None:
                self._check_approved(harness, sources, free=free)
            return harness

        return found

    def _check_approved(self, harness: Harness, sources: Mapping[str, str] | None, *, free: bool) -> None:
        """Check that a saved harness which a run calls was approved, and with it.

        Raises:
            Unapproved: it was not.
        """
        from weft.runtime.project.approvals import shown_digest
        from weft.runtime.project.harness import chooses_model

        if not self._approved(harness):
            why = "was not approved as it is"
        elif not self._yes and sources is not None and sources.get(harness.name) != harness.digest:
            why = "is not part of the plan that was approved"
        elif not self._yes and free and self._settings.stub is None and chooses_model(harness):
            why = "may cost something, and nothing of that was approved"
        else:
            return
        raise Unapproved(
            f"saved harness {harness.name!r} {why}",
            where=f"{shown_digest(harness.digest)}; weft run {harness.name} shows its plan and asks",
        )


def _refusal(unknown: list[Harness], why: str) -> Refused:
    from weft.runtime.project.approvals import shown_digest

    first = unknown[0]
    others = f", nor {len(unknown) - 1} more that it calls" if len(unknown) > 1 else ""
    return Refused(
        f"saved harness {first.name!r} was not approved as it is{others}, and {why}",
        where=f"{first.filename}   sha256:{first.digest}",
        meaning="it is new here, or has changed since; nothing was started",
        fix=f"read it; then weft run … --approve {shown_digest(first.digest)}, or --yes",
    )
