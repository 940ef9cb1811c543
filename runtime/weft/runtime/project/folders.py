"""Where things live: the folder of a project, its runs and plans, and the harnesses that go by a name.

.weft/
    runs/ID/        run.db  harness.py  result.json  result.md
    trees/ID/       worktrees of its agents, while they are at work, see `weft.runtime.worktrees`
    plans/NAME.py   a harness that was written and not run; NAME.json has its arguments
    workflows/NAME.py
    library/NAME/   what is kept of a saved harness, see `weft.runtime.keeping`
~/.weft/
    workflows/NAME.py, library/NAME/    harnesses of the user, in every project
    approved/DIGEST     what the user has said yes to, see `approvals`
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from weft.runtime.errors import JournalError, NotFound, Refused, RunLocked, UsageError
from weft.runtime.meant import did_you_mean
from weft.runtime.project.files import read_regular, write_atomically
from weft.runtime.project.harness import Harness, read_harness
from weft.runtime.project.saved import Origin, SavedHarness, first_line, saved_in
from weft.runtime.project.shipped import builtin_harness, builtin_harnesses

if TYPE_CHECKING:
    from weft.runtime.clock import Clock
    from weft.runtime.journal import OpenJournal, RunState, Watcher
    from weft.runtime.journal.events import Event, RunStarted

__all__ = ["Project", "RunFolder", "is_name", "is_path"]

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


class RunFolder:
    """The folder of one run."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def id(self) -> str:
        """Return the name of the run."""
        return self.path.name

    @property
    def journal(self) -> Path:
        """Return where the journal is."""
        return self.path / "run.db"

    @property
    def trees(self) -> Path:
        """Return where worktrees of its agents are while they are at work."""
        return self.path.parent.parent / "trees" / self.id

    @property
    def harness(self) -> Path:
        """Return where the harness is, as it was when the run started."""
        return self.path / "harness.py"

    @property
    def result(self) -> Path:
        """Return where the result is, as JSON."""
        return self.path / "result.json"

    @property
    def report(self) -> Path:
        """Return where the result is, for people."""
        return self.path / "result.md"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the run for this process; the lock ends with the process at the latest.

        Raises:
            RunLocked: another process executes it, or is about to go on with it.
        """
        with self._lock() as taken:
            if not taken:
                raise RunLocked(
                    f"another process executes {self.id}, or is about to go on with it{self._owner()}",
                    meaning="nothing was started",
                    fix=f"weft show {self.id} follows it; a process that died locks nothing",
                )
            yield

    @contextmanager
    def _lock(self) -> Iterator[bool]:
        """Take the run's lock and tell whether that went well. The system lets go of it when the process ends."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY)
        except OSError as error:
            raise NotFound(
                f"the folder of {self.id} cannot be opened: {error.strerror}",
                where=str(self.path),
                fix="weft runs lists the runs that are there",
            ) from None
        try:
            yield _locked(descriptor)
        finally:
            os.close(descriptor)

    def _owner(self) -> str:
        """Say who is on record as executing the run: who has locked it, unless that is another one at the bill."""
        from weft.runtime.journal import fold

        try:
            state = fold(self.events())
        except JournalError:
            return ""
        known = state.started is not None and state.ended is None and state.started.owner
        return f"; the last on record is {known}" if known else ""

    @property
    def alive(self) -> bool:
        """Whether a process executes the run right now."""
        with self._lock() as taken:
            return not taken

    def events(self, *, after: int = 0, most: int | None = None) -> list[tuple[float, Event]]:
        """Return what its journal says, and when; the arguments are those of `read_journal`.

        Raises:
            JournalError: it cannot be read.
        """
        from weft.runtime.journal import read_journal

        return read_journal(self.journal, after=after, most=most)

    def start(self) -> RunStarted:
        """Return how its latest execution began, without reading the rest.

        Raises:
            JournalError: its journal cannot be read.
        """
        from weft.runtime.journal import read_start

        return read_start(self.journal)

    def write_journal(self, clock: Clock, watchers: tuple[Watcher, ...], *, began: float) -> OpenJournal:
        """Return its journal, new or to be added to; the arguments are those of `Journal`.

        Raises:
            JournalError: it cannot be created or opened.
        """
        from weft.runtime.journal import Journal

        return Journal(self.journal, clock, watchers, began=began)

    def state(self, events: list[tuple[float, Event]] | None = None) -> RunState:
        """Return what is known of the run.

        Args:
            events: Its journal, where that was read already.

        Raises:
            JournalError: its journal cannot be read.
        """
        from weft.runtime.journal import fold

        alive = self.alive
        state = fold(self.events() if events is None else events)
        self.note_killed(state, alive=alive)
        return state

    def note_killed(self, state: RunState, *, alive: bool) -> None:
        """Let what is known of the run say so where nobody executes it any more, and it could not say how it ended.

        `alive` is whether anybody did before its journal was read for the last time.
        """
        # Locked by another process than the one on record: somebody looks at the bill of a resume.
        gone = state.started is not None and _gone(state.started.owner)
        state.killed = state.ended is None and (not alive or gone)
        if state.killed:
            state.write_off()

    def remove(self) -> None:
        """Delete the folder of a run that could not begin."""
        shutil.rmtree(self.path, ignore_errors=True)


class Project:
    """The `.weft` folder of a project."""

    def __init__(self, root: Path | str) -> None:
        """Name the project by its own folder, in which `.weft` is, or is made by the first run."""
        self.root = Path(root) / ".weft"

    @classmethod
    def of_user(cls) -> Project:
        """Return what the user has in every project, in place of one."""
        return cls(Path(os.path.expanduser("~")))

    def new_run(self, now: datetime) -> RunFolder:
        """Create the folder of a new run. Names sort by time: `20261120-203112-x7f3`.

        Raises:
            UsageError: it cannot be created.
        """
        with self.writing("runs") as runs:
            while True:
                folder = runs / f"{now:%Y%m%d-%H%M%S}-{_suffix(now.microsecond)}"
                try:
                    folder.mkdir()
                except FileExistsError:
                    continue
                return RunFolder(folder)

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """Give a folder of the project, made if needed.

        Raises:
            UsageError: it cannot be made, or what is to be written there cannot be.
        """
        folder = self.root / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # Runs and plans stay out of version control; saved harnesses belong into it.
            ignore = self.root / ".gitignore"
            if not os.path.lexists(ignore):  # whatever stands there is somebody's, a link to nowhere too
                ignore.write_text("runs/\nplans/\n", encoding="utf-8")
            yield folder
        except OSError as error:
            raise UsageError(
                f"the project cannot be written to: {error.strerror}",
                where=str(folder),
                meaning="harnesses and journals have no place to be, so nothing was started",
                fix="run weft in a folder that you may write to",
            ) from None

    @property
    def trees(self) -> Path:
        """Return where worktrees of the agents of all runs are."""
        return self.root / "trees"

    def runs(self) -> list[RunFolder]:
        """Return all runs, oldest first.

        Raises:
            UsageError: their folder cannot be read.
        """
        folder = self.root / "runs"
        try:
            return [RunFolder(path) for path in sorted(folder.iterdir()) if path.is_dir()] if folder.is_dir() else []
        except OSError as error:
            raise UsageError(
                f"the folder of runs cannot be read: {error.strerror}",
                where=str(folder),
                fix="check the permissions of the folder",
            ) from None

    def find_run(self, reference: str) -> RunFolder:
        """Return the run that a reference means: its name, the beginning or end of it, or `@last`.

        Raises:
            NotFound: no run or more than one goes by it.
        """
        runs = self.runs()
        found = runs[-1:] if reference == "@last" else self.runs_named(reference)
        if len(found) == 1:
            return found[0]
        if not runs:
            raise NotFound("there are no runs yet", where=str(self.root / "runs"), fix='weft run "TASK" starts one')
        lists = "weft runs lists them; @last is the latest"
        if found:
            what, fix = f"{len(found):,} runs go by {reference!r}", f"give more of the name; {lists}"
        else:
            what, fix = (
                f"no run goes by {reference!r}",
                did_you_mean(reference, [*(run.id for run in runs), "@last"], lists),
            )
        raise NotFound(what, where=str(self.root / "runs"), fix=fix)

    def runs_named(self, reference: str) -> list[RunFolder]:
        """Return the run of that name; without one those whose names begin or end so."""
        runs = self.runs() if reference else []
        return [run for run in runs if run.id == reference] or [
            run for run in runs if run.id.startswith(reference) or run.id.endswith(reference)
        ]

    def has_run(self, name: str) -> bool:
        """Whether a run has exactly this name."""
        return any(run.id == name for run in self.runs())

    def find_harness(self, name: str) -> Harness | None:
        """Return the saved harness of that name: the project's, then the user's, then the ones that come with weft."""
        path = self.saved_path(name)
        if path is not None:
            return read_harness(path)
        return builtin_harness(name)

    def find_source(self, name: str) -> str | None:
        """Return the source of the saved harness of that name, whether or not it can be executed, if it can be read."""
        path = self.saved_path(name)
        if path is not None:
            try:
                return read_regular(path).decode("utf-8-sig", "replace")
            except OSError:
                return None
        shipped = builtin_harness(name)
        return None if shipped is None else shipped.source

    def saved_path(self, name: str) -> Path | None:
        """Return the file in which the harness of that name is saved, the project's before the user's."""
        paths = (folder / f"{name}.py" for folder in self.workflows.values()) if is_name(name) else ()
        return next((path for path in paths if os.path.lexists(path)), None)

    @property
    def workflows(self) -> dict[Origin, Path]:
        """The folders in which harnesses are saved, by whose they are; what is in the first counts."""
        return {"project": self.root / "workflows", "user": Project.of_user().root / "workflows"}

    def harnesses(self) -> list[SavedHarness]:
        """Return all saved harnesses: the project's, the user's, and those that come with weft, each by name."""
        found: dict[str, SavedHarness] = {}
        for origin, folder in self.workflows.items():
            for path in sorted(folder.glob("*.py")):
                if is_name(path.stem):
                    found.setdefault(path.stem, saved_in(origin, path))
        for harness in builtin_harnesses():
            own = found.get(harness.name)
            shipped = SavedHarness(harness.name, "shipped", None, first_line(harness.task), harness)
            found[harness.name] = shipped if own is None else replace(own, hides_shipped=True)
        return list(found.values())

    def harness_names(self) -> list[str]:
        """Return the names of all saved harnesses."""
        return [saved.name for saved in self.harnesses()]

    def check_name(self, name: str) -> None:
        """Check that a harness can have a name.

        Raises:
            UsageError: it cannot.
        """
        if not is_name(name):
            raise UsageError(
                f"{name!r} is no name for a harness",
                meaning="nothing was saved",
                fix="letters, digits, - and _, at most 64 of them, such as check-release-notes",
            )

    def check_free(self, name: str, source: str | None = None) -> Path:
        """Return where a harness would be saved under a name; `source` is what may stand there already.

        Raises:
            UsageError: a harness cannot have that name.
            Refused: another harness has it.
        """
        self.check_name(name)
        path = self.workflows["project"] / f"{name}.py"
        if os.path.lexists(path) and (source is None or not _has(path, source)):
            raise Refused(
                f"another harness is saved as {name!r}",
                where=os.path.relpath(path),
                meaning="it stays as it is, and nothing was saved",
                fix=f"choose another name; weft save … {name} --replace keeps that one as an earlier version",
            )
        return path

    def save_harness(self, name: str, source: str) -> Path:
        """Save a harness in the project under a name, by which it can be run and called from then on.

        Raises:
            UsageError: a harness cannot have that name, or it cannot be written.
            Refused: another harness has it.
        """
        path = self.check_free(name, source)
        with self.writing("workflows"):
            write_atomically(path, source)
        return path


def _has(path: Path, source: str) -> bool:
    """Whether this is all that a file has; of one that cannot be read, nobody knows."""
    try:
        return read_regular(path) == source.encode()
    except OSError:
        return False


def _locked(descriptor: int) -> bool:
    for _ in range(5):  # whoever only looks whether it is locked has it for a moment
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.02)
        else:
            return True
    return False


def _gone(owner: str) -> bool:
    """Whether the process that is on record as executing a run is known to be no more; of another host, nothing is."""
    named = re.fullmatch(r"process (\d+) on (.*) since .*", owner)
    if named is None or named[2] != socket.gethostname():
        return False
    try:
        os.kill(int(named[1]), 0)
    except (ProcessLookupError, OverflowError, ValueError):
        return True
    except PermissionError:  # somebody else's
        return False
    return False


def is_name(text: str) -> bool:
    """Whether a harness could be saved under this name."""
    return re.fullmatch(r"[A-Za-z0-9_-]{1,64}", text) is not None


def is_path(text: str) -> bool:
    """Whether this means a file: one that is there, or one word that ends as a harness does."""
    if text.endswith(".py") and not re.search(r"\s", text):
        return True
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # longer than a name may be, or with a NUL: a task in words
        return False


def _suffix(microsecond: int) -> str:
    """Return four letters that sort by time within a second: two for the moment, two at random."""
    moment = microsecond * len(ALPHABET) ** 2 // 1_000_000
    ordered = (ALPHABET[moment // len(ALPHABET)], ALPHABET[moment % len(ALPHABET)])
    return "".join((*ordered, secrets.choice(ALPHABET), secrets.choice(ALPHABET)))
