"""The agents' tools: what they can reach, what they refuse, what they remember."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from weft.runtime.agents.tools import MAX_FILE_BYTES, Folders, OpenFiles, ToolRefused
from weft.runtime.errors import UsageError


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.md").write_text("# A\n\nTern keeps jobs.\nIt loses nothing.\n")
    (folder / "deep" / "b.md").write_text("Harbor loses files.\n")
    (folder / ".env").write_text("KEY=secret\n")
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("secret\n")
    (tmp_path / "outside.md").write_text("secret\n")
    return folder


def tools(*folders: Path) -> OpenFiles:
    return OpenFiles(Folders(folders))


class TestReading:
    def test_lines_come_with_their_numbers(self, notes: Path) -> None:
        opened = tools(notes)
        assert opened.read_file("a.md", 3) == "3: Tern keeps jobs.\n4: It loses nothing."
        assert opened.read_file("deep/b.md") == "1: Harbor loses files."
        assert list(opened.touched) == ["a.md:3-4", "deep/b.md:1-1"]

    def test_a_long_file_comes_in_parts(self, notes: Path) -> None:
        (notes / "long.md").write_text("x\n" * 2500)
        opened = tools(notes)
        assert opened.read_file("long.md").endswith("(500 more lines; read on with first_line=2001)")
        assert opened.read_file("long.md", 2001).startswith("2001: x")

    def test_listing_leaves_hidden_files_out(self, notes: Path) -> None:
        assert tools(notes).list_files() == "a.md\ndeep/b.md"
        assert tools(notes).list_files("DEEP") == "deep/b.md"
        assert tools(notes).list_files("nothing") == "no files"

    def test_searching_shows_and_remembers_each_line(self, notes: Path) -> None:
        opened = tools(notes)
        assert opened.search_text("loses") == "a.md:4: It loses nothing.\ndeep/b.md:1: Harbor loses files."
        assert opened.search_text("FILES loses") == "deep/b.md:1: Harbor loses files."
        assert opened.search_text("loses", path="a.md") == "a.md:4: It loses nothing."
        assert opened.search_text("absent") == "no matches"
        assert list(opened.touched) == ["a.md:4-4", "deep/b.md:1-1"]

    def test_a_search_shows_so_many_lines_and_says_so(self, notes: Path) -> None:
        (notes / "long.md").write_text("same\n" * 300)
        assert tools(notes).search_text("same").splitlines()[-1].startswith("(at most 100 lines")

    def test_several_folders_are_told_apart_by_name(self, notes: Path) -> None:
        opened = tools(notes, notes / "deep")
        assert opened.list_files() == "deep/b.md\nnotes/a.md\nnotes/deep/b.md"
        assert opened.read_file("deep/b.md") == opened.read_file("notes/deep/b.md")
        with pytest.raises(ToolRefused, match="does not begin with one of"):
            opened.read_file("a.md")


class TestRefusals:
    @pytest.mark.parametrize(
        "path",
        ["../outside.md", "deep/../../outside.md", "/etc/passwd", "..", "", ".", "deep/..\\..\\..\\outside.md"],
    )
    def test_nothing_leads_out(self, notes: Path, path: str) -> None:
        with pytest.raises(ToolRefused):
            tools(notes).read_file(path)

    @pytest.mark.parametrize("path", [".env", ".git/config", "deep/../.env"])
    def test_hidden_files_are_not_for_agents(self, notes: Path, path: str) -> None:
        with pytest.raises(ToolRefused):
            tools(notes).read_file(path)

    def test_links_are_not_followed(self, notes: Path) -> None:
        (notes / "link.md").symlink_to(notes.parent / "outside.md")
        (notes / "linked").symlink_to(notes.parent)
        for path in ("link.md", "linked/outside.md"):
            with pytest.raises(ToolRefused, match="cannot be opened"):
                tools(notes).read_file(path)
        assert "secret" not in tools(notes).search_text("secret")

    def test_a_folder_swapped_for_a_link_is_not_followed(self, notes: Path) -> None:
        opened = tools(notes)
        assert opened.read_file("deep/b.md")
        (notes / "deep").rename(notes.parent / "moved")
        (notes / "deep").symlink_to("/etc")
        with pytest.raises(ToolRefused, match="cannot be opened"):
            opened.read_file("deep/passwd")

    def test_what_is_no_regular_file(self, notes: Path) -> None:
        os.mkfifo(notes / "pipe")
        with pytest.raises(ToolRefused, match="not a regular file"):
            tools(notes).read_file("pipe")
        with pytest.raises(ToolRefused, match="not a regular file"):
            tools(notes).read_file("deep")

    def test_what_is_no_text_or_too_large(self, notes: Path) -> None:
        (notes / "image.png").write_bytes(b"\x89PNG\0\0")
        with (notes / "huge.txt").open("wb") as file:
            file.truncate(MAX_FILE_BYTES + 1)
        with pytest.raises(ToolRefused, match="not text"):
            tools(notes).read_file("image.png")
        with pytest.raises(ToolRefused, match="more than the"):
            tools(notes).read_file("huge.txt")

    def test_lines_that_are_not_there(self, notes: Path) -> None:
        with pytest.raises(ToolRefused, match="has 4 lines"):
            tools(notes).read_file("a.md", 10)

    def test_a_query_without_words(self, notes: Path) -> None:
        with pytest.raises(ToolRefused, match="no words"):
            tools(notes).search_text("…")

    def test_a_folder_that_is_none(self, notes: Path) -> None:
        for folder in (notes / "missing", notes / "a.md"):
            with pytest.raises(UsageError, match="folder cannot be read"):
                Folders((folder,))
