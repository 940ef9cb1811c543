"""Files that agents write and edit: which, what is left as it was, and what an agent is told that missed."""

from __future__ import annotations

import errno
import os
import stat
import threading
from contextlib import suppress
from pathlib import Path

import anyio
import pytest
from acting import agent_tools, called
from hypothesis import given
from hypothesis import strategies as st

from weft.runtime.tools import writing
from weft.runtime.tools.refusing import ToolRefused
from weft.runtime.tools.writing import path_of

ALLOW = ("write_file", "edit_file")


def write(folder: Path, path: str, text: str = "new\n", allow: tuple[str, ...] = ALLOW) -> str:
    return called(agent_tools(folder, allow=allow), "write_file", path=path, text=text)


def edit(folder: Path, path: str, old: str, new: str, **more: bool) -> str:
    return called(agent_tools(folder, allow=ALLOW), "edit_file", path=path, old=old, new=new, **more)


class TestWriting:
    def test_a_file_is_made_with_the_folders_on_its_way_or_replaced(self, tmp_path: Path) -> None:
        assert write(tmp_path, "a/b/c.txt") == "a/b/c.txt: created; it has 1 line, 4 bytes"
        assert write(tmp_path, "a/b/c.txt", "").startswith("a/b/c.txt: replaced, which had 4 bytes; it has 0 lines")
        assert (tmp_path / "a/b/c.txt").read_bytes() == b""
        assert [path.name for path in (tmp_path / "a/b").iterdir()] == ["c.txt"]

    def test_permissions_stay(self, tmp_path: Path) -> None:
        (tmp_path / "run.sh").write_text("old")
        (tmp_path / "run.sh").chmod(0o750)
        write(tmp_path, "run.sh")
        assert stat.S_IMODE((tmp_path / "run.sh").stat().st_mode) == 0o750

    def test_what_it_did_is_noted(self, tmp_path: Path) -> None:
        box = agent_tools(tmp_path, allow=ALLOW)
        called(box, "write_file", path="./a", text="one")
        called(box, "edit_file", path="a", old="one", new="two")
        assert [*box.calling.touched] == ['write_file("a")', 'edit_file("a")']

    @pytest.mark.parametrize(
        "path",
        [
            "", ".", "..", "../a", "a/../../b", "/etc/a", "a/..", "\\a", "a\\..\\..\\b", "a\0b", "a\nb", ".git/config",
            "src/.env", "./.a", "folder", "folder/", "x" * 300,
        ],
    )  # fmt: skip
    def test_what_is_no_place_for_a_file_is_refused(self, tmp_path: Path, path: str) -> None:
        inner = tmp_path / "inner"
        (inner / "folder").mkdir(parents=True)
        assert write(inner, path).startswith("refused:")
        assert [*tmp_path.iterdir()] == [inner]
        assert [*inner.iterdir()] == [inner / "folder"]

    @pytest.mark.parametrize(
        ("path", "granted"),
        [
            ("src/a", True), ("./src/a", True), ("src//a", True), ("src\\a", True), ("src/b/a", True),
            ("srcs/a", False), ("a/src/b", False), ("SRC/a", False), ("src", False),
        ],
    )  # fmt: skip
    def test_a_grant_is_held_against_where_it_goes(self, tmp_path: Path, path: str, granted: bool) -> None:
        answer = write(tmp_path, path, allow=("write_file:src/**",))
        assert ("is not allowed here" in answer) is not granted

    @given(st.text("ab./\\ ", max_size=12))
    def test_a_path_that_is_taken_goes_below_and_is_written_in_one_way(self, path: str) -> None:
        try:
            taken = path_of({"path": path})
        except ToolRefused:
            return
        assert path_of({"path": taken}) == taken
        assert not {"", ".", ".."} & {*taken.split("/")}

    def test_nothing_is_written_through_a_link(self, tmp_path: Path) -> None:
        inner, outer = tmp_path / "inner", tmp_path / "outer"
        inner.mkdir()
        outer.mkdir()
        (outer / "a").write_text("old")
        (inner / "way").symlink_to(outer)
        (inner / "file").symlink_to(outer / "a")
        (inner / "nowhere").symlink_to(outer / "new")
        os.link(outer / "a", inner / "hard")
        for path in ("way/a", "way/deep/a", "file", "nowhere"):
            assert write(inner, path).startswith("refused:")
        assert "created" not in write(inner, "hard")
        assert {path.name: path.read_text() for path in outer.iterdir()} == {"a": "old"}

    def test_nothing_leads_out_while_folders_become_links(self, tmp_path: Path) -> None:
        inner, outer = tmp_path / "inner", tmp_path / "outer"
        outer.mkdir()
        (inner / "way").mkdir(parents=True)
        ended = threading.Event()

        def swap() -> None:
            while not ended.is_set():
                with suppress(OSError):  # where the folder was made anew meanwhile
                    os.rename(inner / "way", inner / "kept")
                with suppress(OSError):
                    os.symlink(outer, inner / "way")
                    os.unlink(inner / "way")
                with suppress(OSError):
                    os.rename(inner / "kept", inner / "way")

        swapping = threading.Thread(target=swap)
        swapping.start()
        try:
            box = agent_tools(inner, allow=ALLOW)
            for number in range(60):
                called(box, "write_file", path=f"way/{number}", text="x")
        finally:
            ended.set()
            swapping.join()
        assert [*outer.iterdir()] == []

    @pytest.mark.parametrize("kind", ["pipe", "read-only"])
    def test_what_is_no_file_to_be_changed_stays(self, tmp_path: Path, kind: str) -> None:
        if kind == "pipe":
            os.mkfifo(tmp_path / "a")
        else:
            (tmp_path / "a").write_text("old")
            (tmp_path / "a").chmod(0o444)
        assert write(tmp_path, "a").startswith("refused:")
        assert edit(tmp_path, "a", "old", "new").startswith("refused:")

    @pytest.mark.parametrize("text", ["x" * 5_000_000, "\ud800"], ids=["large", "surrogate"])
    def test_what_no_file_may_hold_is_refused(self, tmp_path: Path, text: str) -> None:
        assert write(tmp_path, "a", text).startswith("refused:")
        assert [*tmp_path.iterdir()] == []

    def test_on_a_full_disk_the_file_stays_as_it_was(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "a").write_text("old")

        def full(_: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", full)
        assert write(tmp_path, "a") == "refused: a cannot be written: No space left on device"
        assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a": "old"}

    def test_of_several_folders_the_first_part_says_which(self, tmp_path: Path) -> None:
        (tmp_path / "a").mkdir()
        (tmp_path / "b").mkdir()
        box = agent_tools(tmp_path / "a", tmp_path / "b", allow=ALLOW)
        assert "does not begin with one of a, b" in called(box, "write_file", path="c/d", text="x")
        called(box, "write_file", path="b/d", text="x")
        assert (tmp_path / "b" / "d").read_text() == "x"


class TestEditing:
    def test_the_one_place_is_replaced_and_shown(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_text("one\ntwo\nthree\nfour\nfive\nsix\nseven\n")
        answer = edit(tmp_path, "a", "three\nfour", "3\n4\n4b")
        assert answer == "a: 1 place changed\n1: one\n2: two\n3: 3\n4: 4\n5: 4b\n6: five\n7: six\n8: seven"

    def test_several_places_are_named_and_all_replaced_where_that_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_text("x\ny\nx\n")
        assert "old is 2 times in a, at lines 1, 3; give more" in edit(tmp_path, "a", "x", "z")
        assert "2 places changed" in edit(tmp_path, "a", "x", "z", all=True)
        assert (tmp_path / "a").read_text() == "z\ny\nz\n"

    @pytest.mark.parametrize(
        ("old", "said"),
        [
            ("def f(x):\n  return x", "differs only in white space:\n2: def f(x):\n3:     return x"),
            ("2: def f(x):", "it has the line numbers of read_file"),
            ("def g(x):", "this is most like it:\n2: def f(x):"),
            ("nothing of the kind", "nor anything like it; read it again"),
            ("\n\n\n\n\n\n", "nor anything like it"),
            ("", "old is empty"),
            ("same", "old and new are the same"),
        ],
    )
    def test_one_that_is_not_there_is_told_what_is(self, tmp_path: Path, old: str, said: str) -> None:
        (tmp_path / "a").write_text("import os\ndef f(x):\n    return x\n")
        assert said in edit(tmp_path, "a", old, "same")
        assert (tmp_path / "a").read_text() == "import os\ndef f(x):\n    return x\n"

    def test_the_kind_of_lines_and_what_stands_at_the_head_of_a_file_stay(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"\xef\xbb\xbfone\r\ntwo\r\nthree\r\n")
        edit(tmp_path, "a", "one\ntwo", "1\n2")
        assert (tmp_path / "a").read_bytes() == b"\xef\xbb\xbf1\r\n2\r\nthree\r\n"

    @pytest.mark.parametrize("data", [b"caf\xe9 old", b"old\0"])
    def test_what_is_no_text_is_left(self, tmp_path: Path, data: bytes) -> None:
        (tmp_path / "a").write_bytes(data)
        assert "refused: a is not" in edit(tmp_path, "a", "old", "new")
        assert (tmp_path / "a").read_bytes() == data

    def test_a_file_that_is_not_there_is_not_made(self, tmp_path: Path) -> None:
        assert "is not there; write_file makes" in edit(tmp_path, "a", "x", "y")
        assert edit(tmp_path, "b/a", "x", "y").startswith("refused:")
        assert [*tmp_path.iterdir()] == []

    def test_many_at_once_lose_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_text("".join(f"<{number}>\n" for number in range(30)))

        async def all_at_once() -> None:
            box = agent_tools(tmp_path, allow=ALLOW)
            tool = next(tool for tool in box.tools if tool.name == "edit_file")
            async with anyio.create_task_group() as group:
                for number in range(30):
                    group.start_soon(box.call, tool, {"path": "a", "old": f"<{number}>", "new": f"[{number}]"})

        anyio.run(all_at_once)
        assert (tmp_path / "a").read_text() == "".join(f"[{number}]\n" for number in range(30))

    def test_what_would_become_very_large_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_text("a" * 4_000_000)
        assert "old is 4000000 times in a, at lines 1, 1" in edit(tmp_path, "a", "a", "b")
        assert "would have more than" in edit(tmp_path, "a", "a", "b" * 900_000, all=True)

    def test_a_long_file_and_a_long_text_take_no_long_time(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_text("a b\n" * 100_000)
        assert "refused" in edit(tmp_path, "a", "a  b\n" * 50_000 + "c", "x")

    @given(st.text("ab\n", max_size=20), st.text("ab\n", min_size=1, max_size=4), st.text("ab\n", max_size=4))
    def test_what_is_like_a_text_is_a_place_of_the_file(self, text: str, old: str, new: str) -> None:
        place, _ = writing._like(text.split("\n"), old.split("\n"))
        assert place is None or 0 <= place < len(text.split("\n"))
