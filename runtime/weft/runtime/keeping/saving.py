"""A harness gets a name, or the name a new version: compared with the old one first, and nothing that was there lost.

What is written where is `shelf`; what a person is shown and asked, `weft save`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from weft.runtime.errors import JournalError, NotFound, Refused
from weft.runtime.execution.resume import recorded_harness
from weft.runtime.journal import fold
from weft.runtime.keeping.cassette import Cassette, Unrecordable, cassette_of
from weft.runtime.keeping.playing import Played, play
from weft.runtime.keeping.shelf import LONGEST, Kept, Shelf, Version, cassette_name
from weft.runtime.meant import did_you_mean
from weft.runtime.project.approvals import Approvals
from weft.runtime.project.folders import Project, RunFolder
from weft.runtime.project.harness import Harness

__all__ = ["Replacing", "Source", "compared", "of_run", "of_version", "played", "save", "save_new", "versioned"]

BY_HAND = "written by hand"


@dataclass(frozen=True, slots=True)
class Source:
    """What is to be saved."""

    harness: Harness
    origin: str
    """Where it comes from, in words."""
    cassette: Cassette | None = None
    """The recorded answers of the run that it comes from."""
    cassettes: tuple[str, ...] = ()
    """What an earlier version of the name was tested with, where it is one."""
    args: object = None
    """With what the run was started that it comes from."""


@dataclass(frozen=True, slots=True)
class Replacing:
    """What a new version would do to those that are there."""

    before: str | None
    """The text that has the name now; `None` where nothing has."""
    played: tuple[Played, ...] = ()
    """What the new one comes to over the cassettes of the old one."""
    broken: tuple[JournalError, ...] = ()
    """Cassettes that cannot be read."""

    @property
    def alike(self) -> bool:
        """Whether nothing is known to change."""
        return not self.broken and all(one.passed for one in self.played)


def of_run(folder: RunFolder) -> Source:
    """Return what is saved of a run: its harness as it was executed last, and its answers.

    Raises:
        Refused: it has no result.
        JournalError, NotFound: it cannot be read.
    """
    events = folder.events()
    cassette = cassette_of(events)
    started = fold(events).started
    assert started is not None
    return Source(recorded_harness(folder, started), f"run {folder.id}", cassette, args=started.args)


def of_version(project: Project, reference: str) -> Source | None:
    """Return the version of a saved harness that `NAME@NUMBER` means; `None` for what is written in another way.

    Raises:
        NotFound: there is no such version.
    """
    found = re.fullmatch(r"([A-Za-z0-9_-]{1,64})@(\d{1,6})", reference)
    if found is None:
        return None
    shelf = Shelf.of(project, found[1])
    versions = {version.number: version for version in shelf.kept().versions}
    version = versions.get(int(found[2]))
    if version is None:
        there = [f"{found[1]}@{number}" for number in versions]
        raise NotFound(
            f"there is no version {found[2]} of {found[1]!r}",
            where=f"there are {', '.join(there)}" if there else "none of its versions are kept",
            meaning="nothing was saved",
            fix=did_you_mean(reference, there, f"weft list {found[1]} shows them"),
        )
    return Source(shelf.version(version), f"version {version.number}", cassettes=version.cassettes)


def versioned(shelf: Shelf) -> Version | None:
    """Return the version by which what has the name now is tested: its own, else the latest."""
    kept, source = shelf.kept(), shelf.current()
    own = None if source is None else kept.of(source.digest)
    return own or kept.latest


async def played(shelf: Shelf, harness: Harness) -> tuple[list[Played], list[JournalError]]:
    """Return what a harness comes to over the cassettes of a name; and those that cannot be used, by their errors."""
    version = versioned(shelf) if shelf.source() is not None else None
    return await _over(shelf, harness, () if version is None else version.cassettes)


async def _over(shelf: Shelf, harness: Harness, names: Sequence[str]) -> tuple[list[Played], list[JournalError]]:
    done: list[Played] = []
    broken: list[JournalError] = []
    for name in names:
        try:
            done.append(await play(harness, shelf.cassette(name)))
        except JournalError as error:
            broken.append(error)
    return done, broken


async def compared(shelf: Shelf, harness: Harness) -> Replacing:
    """Return what would change if this harness had the name.

    Raises:
        JournalError: what is kept of it is damaged.
        NotFound: what has the name cannot be read.
    """
    before, version = shelf.source(), shelf.kept().latest
    if before is None or version is None or (before == harness.source and version.digest == harness.digest):
        return Replacing(before)
    done, broken = await _over(shelf, harness, version.cassettes)
    return Replacing(before, tuple(done), tuple(broken))


def save(shelf: Shelf, source: Source, harness: Harness, replacing: Replacing) -> tuple[Version, str | None]:
    """Let a harness have a name, in place of what had it when that was compared. Who saves it approves of it.

    Args:
        shelf: Of the name.
        source: What it was made of.
        harness: What is saved: the same, or with other defaults.
        replacing: What the comparison has shown.

    Returns:
        Its version, and why its recorded answers are not kept, where they are not.

    Raises:
        Refused: something else has the name by now.
        UsageError: the project cannot be written to.
    """
    new, why = _texts(source.cassette)
    with shelf.locked():
        now = shelf.source()
        if now != replacing.before:
            raise Refused(
                f"another process has saved {shelf.name!r} meanwhile",
                where=str(shelf.harness),
                meaning="that stays as it is, and nothing was saved",
                fix="look at what it is now, and save once more",
            )
        latest = (shelf.kept() if now is None or now == harness.source else _with_edits(shelf, now)).latest
        if latest is not None and latest.digest == harness.digest and now is not None:
            cassettes = tuple(dict.fromkeys([*latest.cassettes, *source.cassettes, *new]))
            version = latest.model_copy(update={"cassettes": cassettes})
        else:
            version, retaken = _next(1 if latest is None else latest.number + 1, source, harness, replacing)
            new |= retaken
            version = version.model_copy(update={"cassettes": tuple(dict.fromkeys([*version.cassettes, *new]))})
        shelf.put(harness.source, version, new)
    Approvals().add(harness.digest, f"saved as {shelf.name} from {source.origin}", at=shelf.harness)
    return version, why


def _next(number: int, source: Source, harness: Harness, replacing: Replacing) -> tuple[Version, dict[str, str]]:
    """Return a new version, with the cassettes of which it comes to something else as that, by name."""
    again = () if source.cassettes else _retaken(replacing)
    retaken = {(name := cassette_name(one.cassette.started.run, number)): one.as_cassette(name).text() for one in again}
    version = Version(
        number=number,
        digest=harness.digest,
        at=datetime.now(UTC).astimezone().isoformat(timespec="seconds"),
        origin=source.origin[:LONGEST],
        made_of=source.harness.digest if source.harness.digest != harness.digest else None,
        cassettes=(*_passed(replacing), *source.cassettes),
    )
    return version, retaken


def save_new(project: Project, name: str, harness: Harness, origin: str) -> Path:
    """Let a harness have a name that is free, or its own already; return where it is. It is approved by that.

    Raises:
        UsageError: a harness cannot have that name, or it cannot be written.
        Refused: another harness has it.
    """
    project.check_name(name)
    shelf = Shelf(project, name)
    replacing = Replacing(shelf.source())
    project.check_free(name, harness.source)
    save(shelf, Source(harness, origin), replace(harness, name=name), replacing)
    return shelf.harness


def _texts(cassette: Cassette | None) -> tuple[dict[str, str], str | None]:
    if cassette is None:
        return {}, None
    try:
        return {cassette_name(cassette.name): cassette.text()}, None
    except Unrecordable as error:
        return {}, error.what


def _with_edits(shelf: Shelf, now: str) -> Kept:
    """Keep what somebody has written into the file by hand as a version too, before it is replaced."""
    kept = shelf.kept()
    digest = Harness(name="", source=now, filename="", task="", args_schema=None, result_schema=None).digest
    if kept.latest is not None and kept.latest.digest == digest:
        return kept
    number = 1 if kept.latest is None else kept.latest.number + 1
    at = datetime.fromtimestamp(shelf.harness.stat().st_mtime, UTC).astimezone().isoformat(timespec="seconds")
    cassettes = kept.latest.cassettes if kept.latest else ()
    shelf.put(now, Version(number=number, digest=digest, at=at, origin=BY_HAND, cassettes=cassettes), {})
    return shelf.kept()


def _passed(replacing: Replacing) -> list[str]:
    return [one.cassette.name for one in replacing.played if one.passed]


def _retaken(replacing: Replacing) -> list[Played]:
    """Return what was played to an end, and came to something else: that is what it should come to from now on."""
    return [
        one
        for one in replacing.played
        if not one.passed
        and not one.missing
        and one.difference is not None
        and one.difference.now.outcome == "completed"
    ]
