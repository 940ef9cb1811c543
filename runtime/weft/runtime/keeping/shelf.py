"""Where the versions and the cassettes of a saved harness lie, and what is written there.

.weft/, of a project, or of the user for all of them
    workflows/NAME.py           the harness: what is run, whatever else is known of it
    library/NAME/
        saved.json              which versions there were, and which cassettes each is tested with
        versions/1.py
        cassettes/RUN.jsonl
        record.json             how its runs went, see `record`; not for version control

The harness is written last: whatever happens before, what has the name is what had it.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from weft.runtime.errors import JournalError, NotFound, Refused
from weft.runtime.keeping.cassette import Cassette, read_cassette
from weft.runtime.project.files import read_text, write_atomically
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import Harness, parse_harness, read_harness

__all__ = ["CASSETTE", "LONGEST", "Kept", "Shelf", "Version", "cassette_name", "damaged_shelf"]

CASSETTE = r"[A-Za-z0-9_-]{1,100}"
"""What a cassette may be called."""

MOST_BYTES = 1_000_000
"""What the list of versions may take."""

LONGEST = 400
"""How much is said of where a version comes from."""

OWN_IGNORE = "record.json\n"


class _Strict(BaseModel):
    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True)


class Version(_Strict):
    """One version of a saved harness."""

    number: Annotated[int, Field(ge=1, le=100_000)]
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    at: Annotated[str, Field(max_length=40)]
    """When it was saved, ISO 8601."""
    origin: Annotated[str, Field(max_length=LONGEST)]
    """What it was saved from, in words."""
    made_of: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    """The digest of what it was saved from, where defaults were set."""
    cassettes: tuple[Annotated[str, Field(pattern=f"^{CASSETTE}$")], ...] = ()
    """What it is tested with, by name."""


class Kept(_Strict):
    """What is kept of a saved harness, oldest version first."""

    format: Literal[1] = 1
    versions: tuple[Version, ...] = ()

    @property
    def latest(self) -> Version | None:
        """Return the version that was saved last."""
        return self.versions[-1] if self.versions else None

    @property
    def digests(self) -> set[str]:
        """Return the digests by which its runs are known."""
        return {one for version in self.versions for one in (version.digest, version.made_of) if one is not None}

    def of(self, digest: str) -> Version | None:
        """Return the latest version that has a digest."""
        return next((version for version in reversed(self.versions) if version.digest == digest), None)


class Shelf:
    """What is kept of the saved harness of one name, in a project, or for the user."""

    def __init__(self, project: Project, name: str) -> None:
        self.name = name
        self.project = project
        self.harness = project.workflows["project"] / f"{name}.py"
        self.folder = project.root / "library" / name

    @classmethod
    def of(cls, project: Project, name: str) -> Shelf:
        """Return what is kept of what a name means: the project's own, else the user's, if that is there."""
        own, users = cls(project, name), cls(Project.of_user(), name)
        there = os.path.lexists(own.harness) or os.path.lexists(own.folder)
        return users if not there and os.path.lexists(users.harness) else own

    def kept(self) -> Kept:
        """Return its versions: none, where it was put there by hand.

        Raises:
            Refused: what is kept cannot be read, or is nothing that weft has written.
        """
        path = self.folder / "saved.json"
        if not os.path.lexists(path):
            return Kept()
        try:
            return Kept.model_validate_json(read_text(path, MOST_BYTES))
        except OSError as error:
            raise damaged_shelf(self.name, path, str(error.strerror)) from None
        except (ValidationError, ValueError, RecursionError) as error:
            why = error.errors(include_url=False)[0]["msg"] if isinstance(error, ValidationError) else str(error)
            raise damaged_shelf(self.name, path, why) from None

    def current(self) -> Harness | None:
        """Return the harness as it is now.

        Raises:
            NotFound, Refused: it cannot be read, or is none.
        """
        return read_harness(self.harness) if os.path.lexists(self.harness) else None

    def source(self) -> str | None:
        """Return the text that has the name now, whatever it is; `None` where nothing has.

        Raises:
            NotFound: it cannot be read.
        """
        if not os.path.lexists(self.harness):
            return None
        try:
            return read_text(self.harness)
        except (OSError, UnicodeDecodeError) as error:
            raise NotFound(
                f"what is saved as {self.name!r} cannot be read: {getattr(error, 'strerror', error)}",
                where=str(self.harness),
                meaning="nothing was changed",
                fix="look at that file, or move it away",
            ) from None

    def version(self, version: Version) -> Harness:
        """Return a harness as it was.

        Raises:
            Refused: that text is not there any more, or is another one.
        """
        path = self.version_path(version.number)
        try:
            harness = parse_harness(read_text(path), name=self.name, filename=path.name)
        except (OSError, UnicodeDecodeError) as error:
            raise damaged_shelf(self.name, path, str(getattr(error, "strerror", error))) from None
        if harness.digest != version.digest:
            raise damaged_shelf(self.name, path, f"it is not version {version.number} as it was saved")
        return harness

    def version_path(self, number: int) -> Path:
        """Return where the text of a version is."""
        return self.folder / "versions" / f"{number}.py"

    def cassette_path(self, name: str) -> Path:
        """Return where a cassette is."""
        return self.folder / "cassettes" / f"{name}.jsonl"

    def cassette(self, name: str) -> Cassette:
        """Return a cassette.

        Raises:
            JournalError: it is damaged.
        """
        return read_cassette(self.cassette_path(name))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let nobody else write into the library meanwhile; the lock ends with the process at the latest.

        Raises:
            UsageError: the project cannot be written to.
            Refused: the folder of the library is a way out of the project.
        """
        with self.project.writing("library") as library:
            self._check_inside(library, self.folder, self.folder / "versions", self.folder / "cassettes")
            ignore = library / ".gitignore"
            if not os.path.lexists(ignore):
                ignore.write_text(OWN_IGNORE, encoding="utf-8")
            descriptor = os.open(library, os.O_RDONLY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                yield
            finally:
                os.close(descriptor)

    def _check_inside(self, *folders: Path) -> None:
        """Check that no folder is a way out of the project, as a link in somebody else's project may be."""
        for folder in folders:
            if not folder.resolve().is_relative_to(self.project.root.resolve()):
                raise Refused(
                    "the library of the project is elsewhere",
                    where=f"{folder} → {folder.resolve()}",
                    meaning="nothing is written outside of the project",
                    fix="remove that link",
                )

    def put(self, source: str, version: Version, cassettes: dict[str, str]) -> None:
        """Write one more version, with new cassettes as text; the lock is held.

        Raises:
            OSError: something cannot be written; what has the name is what had it, and nothing else is lost.
        """
        kept = self.kept()
        new = [(self.cassette_path(name), text) for name, text in cassettes.items()]
        if kept.latest is None or kept.latest.number < version.number:
            new.append((self.version_path(version.number), source))
        versions = (*(one for one in kept.versions if one.number != version.number), version)
        written: list[Path] = []
        try:
            for path, text in new:
                path.parent.mkdir(parents=True, exist_ok=True)
                written += [] if os.path.lexists(path) else [path]
                write_atomically(path, text)
            write_atomically(self.folder / "saved.json", kept.model_copy(update={"versions": versions}).model_dump())
        except BaseException:
            for path in written:
                path.unlink(missing_ok=True)
            raise
        self.harness.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self.harness, source)

    def check_gone(self) -> None:
        """Check that nothing is kept of another harness that had the name.

        Raises:
            Refused: something is.
        """
        if os.path.lexists(self.folder):
            raise Refused(
                f"something is kept of another harness {self.name!r}",
                where=str(self.folder),
                meaning="it stays as it is, and nothing was saved",
                fix=f"weft rm {self.name} removes it, or choose another name",
            )

    def remove(self) -> None:
        """Remove the harness and all that is kept of it; the lock is held.

        Raises:
            OSError: something cannot be removed.
        """
        self.harness.unlink(missing_ok=True)
        if os.path.lexists(self.folder):
            if self.folder.is_symlink():
                self.folder.unlink()
            else:
                shutil.rmtree(self.folder)


def damaged_shelf(name: str, path: Path, why: str) -> JournalError:
    """Return the error that what is kept of a saved harness is not what was written."""
    return JournalError(
        f"what is kept of {name!r} is damaged: {why}",
        where=str(path),
        meaning="the harness itself can be run; nothing is guessed at, and nothing was changed",
        fix="restore it from version control, or move the folder away: the harness stays",
    )


def cassette_name(run: str, version: int | None = None) -> str:
    """Return what the cassette of a run is called, whatever that is called; or of what a version makes of it."""
    bare = re.sub(r"[^A-Za-z0-9_-]", "-", run)[:80] or "run"
    return bare if version is None else f"{bare}-v{version}"
