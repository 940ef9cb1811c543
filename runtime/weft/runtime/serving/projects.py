"""The projects that are served, each by a name of its own, and their runs. Nothing of one is found in another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from weft.runtime.errors import NotFound, UsageError
from weft.runtime.project.folders import Project, RunFolder

__all__ = ["Served", "projects_of"]


@dataclass(frozen=True, slots=True)
class Served:
    """A project that is served."""

    name: str
    """What it goes by in addresses."""
    folder: Path
    project: Project

    def run(self, name: str) -> RunFolder:
        """Return the run of exactly that name, which is looked for among those that are there.

        Raises:
            NotFound: there is none.
        """
        found = next((run for run in self.project.runs() if run.id == name), None)
        if found is None:
            raise NotFound(f"there is no run {name!r} in {self.name}", fix=f"GET /api/v1/runs?project={self.name}")
        return found


def projects_of(folders: Sequence[Path]) -> Mapping[str, Served]:
    """Return the projects in these folders by names made of those of the folders.

    Raises:
        UsageError: one of them is no folder.
    """
    served: dict[str, Served] = {}
    for folder in dict.fromkeys(_folder(path) for path in folders):
        stem = re.sub(r"[^A-Za-z0-9_-]+", "-", folder.name).strip("-") or "project"
        name = next(name for name in _names(stem) if name not in served)
        served[name] = Served(name, folder, Project(folder))
    return served


def _folder(path: Path) -> Path:
    folder = path.resolve()
    if not folder.is_dir():
        raise UsageError(
            f"{str(path)!r} is no folder", meaning="nothing is served", fix="name the folders of projects, or none"
        )
    return folder.parent if folder.name == ".weft" else folder


def _names(stem: str) -> Iterator[str]:
    yield stem
    number = 2
    while True:
        yield f"{stem}-{number}"
        number += 1
