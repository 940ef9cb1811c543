"""Looking at runs of which one is spoilt: it says so, and all others are there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from command import weft
from running import run_source

from weft.runtime.project.folders import Project

ONE = "async def main(args):\n    return await agent('x')\n"


def flip(place: int, bit: int) -> Callable[[Path], None]:
    def spoil(journal: Path) -> None:
        content = bytearray(journal.read_bytes())
        content[place] ^= 1 << bit
        journal.write_bytes(content)

    return spoil


def instead(make: Callable[[Path], object]) -> Callable[[Path], None]:
    def spoil(journal: Path) -> None:
        journal.unlink()
        make(journal)

    return spoil


def beside(name: str) -> Callable[[Path], None]:
    return lambda journal: os.mkfifo(journal.with_name(name))


SPOILT: dict[str, Callable[[Path], None]] = {
    "a bit of its version": flip(60, 7),
    "a bit of its first page": flip(16, 3),
    "a pipe": instead(os.mkfifo),
    "a folder": instead(Path.mkdir),
    "a link to nowhere": instead(lambda path: path.symlink_to("nowhere")),
    "a link to itself": instead(lambda path: path.symlink_to(path.name)),
    "a device": instead(lambda path: path.symlink_to("/dev/zero")),
    "nothing": lambda journal: journal.unlink(),
    "an empty file": lambda journal: journal.write_bytes(b""),
    "a pipe for its log": beside("run.db-wal"),
    "a pipe for its index": beside("run.db-shm"),
    "a folder for its log": lambda journal: journal.with_name("run.db-wal").mkdir(),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    for _ in range(2):
        run_source(ONE, folder)
    return folder


@pytest.mark.parametrize("how", SPOILT)
def test_one_spoilt_journal_spoils_no_other(whole: Path, tmp_path: Path, how: str) -> None:
    shutil.copytree(whole / ".weft", tmp_path / ".weft")
    good, bad = Project(tmp_path).runs()
    SPOILT[how](bad.journal)
    listed = weft(tmp_path, "runs", "--json")
    assert (listed.code, [run["run"] for run in listed.json]) == (0, [good.id])
    assert bad.id in listed.err and "unreadable" in listed.err and "Traceback" not in listed.err
    for command in (["show"], ["replay"], ["resume"], ["why", "/0"], ["diff", good.id]):
        reference, rest = (f"{bad.id}{command[1]}", []) if command[0] == "why" else (bad.id, command[1:])
        done = weft(tmp_path, command[0], reference, *rest)
        assert done.code == 1 and "error:" in done.err, (command, done)
    assert weft(tmp_path, "replay", good.id).code == 0


def test_a_link_to_nowhere_in_the_place_of_gitignore_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".weft").mkdir()
    (tmp_path / ".weft" / ".gitignore").symlink_to(tmp_path / "elsewhere" / "file")
    assert run_source(ONE, tmp_path).state.outcome == "completed"
    (tmp_path / ".weft" / ".gitignore").unlink()
    (tmp_path / ".weft" / ".gitignore").symlink_to(tmp_path / "precious")
    assert run_source(ONE, tmp_path).state.outcome == "completed"
    assert not (tmp_path / "precious").exists()
