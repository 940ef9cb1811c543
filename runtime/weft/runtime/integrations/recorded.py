"""The recorded run that a test names: the folder of a run, the file of `weft export`, or a cassette out of one.

What becomes of it is `weft.runtime.execution.replay`, to the letter, or `weft.runtime.keeping.playing`.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

from weft.runtime.errors import NotFound, UsageError
from weft.runtime.execution.replay import Replayed, replay
from weft.runtime.execution.resume import recorded_harness
from weft.runtime.journal import fold
from weft.runtime.keeping.archive import read_archive
from weft.runtime.keeping.cassette import Cassette, cassette_of, parsed_cassette, read_cassette
from weft.runtime.keeping.playing import Played, play
from weft.runtime.project.folders import RunFolder
from weft.runtime.project.harness import Harness, parse_harness, read_harness

__all__ = ["Recorded", "read_recorded"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recorded run, and the harness that it executed."""

    events: Cassette | RunFolder
    harness: Harness

    async def replayed(self, path: Path | None) -> Replayed:
        """Execute a harness against the record, or the recorded one.

        Raises:
            Diverged: it makes another call, or ends in another way.
        """
        events = self.events.events() if isinstance(self.events, RunFolder) else list(self.events.events)
        return await replay(self.harness if path is None else read_harness(path), events)

    async def played(self, path: Path | None) -> Played:
        """Execute a harness over the recorded answers, or the recorded one.

        Raises:
            Refused: the run has no result.
        """
        cassette = cassette_of(self.events.events()) if isinstance(self.events, RunFolder) else self.events
        return await play(self.harness if path is None else read_harness(path), cassette)


def read_recorded(path: Path, run: str | None = None) -> Recorded:
    """Read a recorded run.

    Args:
        path: The folder of a run, the file of `weft export`, or one of the cassettes in `.weft/library`.
        run: Which run of those that an exported file has; it can be left out where there is one.

    Raises:
        NotFound: there is nothing there.
        UsageError: it has not this run, or has several and none is named.
        JournalError, Refused: it is damaged, or nothing that weft has written.
    """
    if path.is_dir():
        folder = RunFolder(path)
        started = fold(folder.events()).started
        assert started is not None
        return Recorded(folder, recorded_harness(folder, started))
    if not path.is_file():
        raise NotFound(
            "there is no recorded run",
            where=str(path),
            fix="the folder of a run (.weft/runs/ID), or a file that weft export has written",
        )
    cassette = _chosen(path, run) if zipfile.is_zipfile(path) else read_cassette(path)
    started = cassette.started
    return Recorded(cassette, parse_harness(started.source, name=started.name, filename=started.file))


def _chosen(path: Path, run: str | None) -> Cassette:
    """Return a cassette of an exported harness."""
    archive = read_archive(path)
    names = {Path(name).stem: name for name in archive.files if name.startswith("cassettes/")}
    if run is None and len(names) == 1:
        run = next(iter(names))
    if run not in names:
        raise UsageError(
            "it says no recorded run" if run is None else f"it has no recorded run {run!r}",
            where=f"{path} has {', '.join(sorted(names)) or 'none'}",
            fix="run= names one of them",
        )
    return parsed_cassette(archive.files[names[run]], Path(f"{run}.jsonl"))
