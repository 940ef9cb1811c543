"""`weft doctor` in folders where something is wrong: one line for each, within the width of a terminal."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from command import weft
from terminal import ESCAPE, on_terminal

from weft.runtime.tools import contained


class TestConfiguration:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("[run]\nbudget = = 3\n", "BROKEN weft.toml, line 2, column 10: the configuration cannot be read"),
            ("[modles.m]\nconcurrency = 1\n", "BROKEN weft.toml, at modles: the configuration does not mean anything"),
            ("[run]\nbudget = 'much'\n", "BROKEN weft.toml, at run: the configuration does not mean anything"),
        ],
    )
    def test_what_is_broken_is_one_line_among_the_others(self, tmp_path: Path, text: str, said: str) -> None:
        (tmp_path / "weft.toml").write_text(text)
        done = weft(tmp_path, "doctor")
        assert done.code == 1
        assert any(line.startswith(f"config    {said}") for line in done.out.splitlines()), done.out
        assert "no run starts here before it is mended" in done.out
        assert sum(line.startswith("sandbox") for line in done.out.splitlines()) == 3

    def test_where_all_is_well_it_is_not_mentioned(self, tmp_path: Path) -> None:
        (tmp_path / "weft.toml").write_text("[run]\nbudget = 3\n")
        done = weft(tmp_path, "doctor")
        assert (done.code, "config" in done.out, "saved" in done.out) == (0, False, False)


def test_saved_harnesses_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    folder = tmp_path / ".weft" / "workflows"
    folder.mkdir(parents=True)
    (folder / "fine.py").write_text("async def main(args):\n    return 1\n")
    (folder / "torn.py").write_text("async def main(\n")
    (folder / "empty.py").write_text("")
    done = weft(tmp_path, "doctor")
    assert done.code == 1
    broken = [line for line in done.out.splitlines() if line.startswith("saved")]
    assert [line.split()[2] for line in broken] == [".weft/workflows/empty.py:", ".weft/workflows/torn.py:"]


def test_a_folder_that_cannot_be_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere
    done = weft(tmp_path, "doctor")
    assert done.code == 1 and "CANNOT be written to" in done.out


def test_too_little_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1_000_000))
    done = weft(tmp_path, "doctor")
    assert done.code == 1 and "ONLY 1 MB free" in done.out


def test_on_a_terminal_it_stays_within_its_width(tmp_path: Path) -> None:
    shown = ESCAPE.sub("", on_terminal(tmp_path, "doctor", columns=60))
    assert max(map(len, shown.splitlines())) <= 60
    assert "".join(f"project   {tmp_path}".split()) in "".join(shown.split())


def test_where_model_servers_were_looked_for(tmp_path: Path) -> None:
    for ports, said in (("9,12399", "127.0.0.1:9, 127.0.0.1:12399 (WEFT_LOCAL_PORTS)"), ("x", "nowhere")):
        found = weft(tmp_path, "doctor", "--json", WEFT_LOCAL_PORTS=ports).json
        assert found["servers"] == [] and said in found["looked_at"]
        shown = weft(tmp_path, "doctor", WEFT_LOCAL_PORTS=ports).out
        assert f"answers; looked at {found['looked_at']}" in " ".join(shown.split())


@pytest.mark.parametrize(
    ("walls", "said"),
    [
        (
            ["files", "network", "processes"],
            "commands  are kept from files outside of their folder, and from the network",
        ),
        (["files", "network"], "they see other processes, and could change .git/hooks"),
        (["files"], "commands  cannot be contained"),
        ([], "commands  cannot be contained"),
    ],
)
def test_what_commands_of_agents_are_kept_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, walls: list[str], said: str
) -> None:
    async def found() -> list[str]:
        return walls

    monkeypatch.setattr(contained, "walls", found)
    done = weft(tmp_path, "doctor")
    assert done.code == 0 and said in done.out
