"""What an agent with a working tree of its own has changed, and where such trees begin. Made in `worktrees`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Base", "Change", "Kept", "parted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The commit from which the working trees of all agents of a run begin, whatever is committed meanwhile."""

    repository: str
    """The folder at its top."""
    commit: str
    left_out: int = 0
    """How many files in that folder were not as in the commit when the run began. Agents see them as they are there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Where a change is kept."""

    branch: str
    commit: str
    """Whose only parent is the commit that the working tree began with."""
    whole: bool = True
    """Whether the patch that is on record has all of it: none that was too long to be, and no secret taken out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an agent has changed; with all fields empty, nothing."""

    branch: str = ""
    """The branch that has it, as one commit."""
    patch: str = ""
    """The same as a patch for `git apply`; a sentence in place of one that is too long."""
    files: tuple[str, ...] = ()
    """What it touches, from the top of the repository."""
    kept: Kept | None = None

    def around(self, result: Any) -> dict[str, Any]:
        """Return what the harness gets: the change, and what the agent said."""
        return {"branch": self.branch, "patch": self.patch, "files": [*self.files], "result": result}


def parted(value: Any, *, isolated: bool) -> tuple[Any, Change | None]:
    """Return what an agent said and what it changed, of what its harness got; all of it is said where it is no such."""
    match value:
        case {"branch": str(branch), "patch": str(patch), "files": [*files], "result": result, **more} if isolated:
            if not more and all(isinstance(file, str) for file in files):
                return result, Change(branch=branch, patch=patch, files=tuple(files))
    return value, None
