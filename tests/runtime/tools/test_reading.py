"""The agents' tools: what they can reach, what they refuse, what they remember."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.primitives.tools import SPAWNING
from weft.runtime.errors import UsageError
from weft.runtime.settings import DEFAULT_TOOLS
from weft.runtime.tools.built_in import BUILT_IN
from weft.runtime.tools.folders import MAX_FILE_BYTES, Folders, lines_of
from weft.runtime.tools.reading import MAX_CHARACTERS, OpenFiles
from weft.runtime.tools.refusing import ToolRefused
from weft.runtime.tools.searching import MAX_MATCHES


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


def paths(opened: OpenFiles, pattern: str = "") -> list[str]:
    return [row.partition("\t")[0] for row in opened.list_files(pattern).split("\n") if "\t" in row]


def test_which_tools_agents_have_unasked() -> None:
    assert DEFAULT_TOOLS == ("read_file", "list_files", "search_text")  # else older runs would be paid for again
    assert {tool.name for tool in BUILT_IN if tool.free} == {*DEFAULT_TOOLS, "remember", "recall", *SPAWNING}


class TestReading:
    def test_lines_come_with_their_numbers(self, notes: Path) -> None:
        opened = tools(notes)
        assert opened.read_file("a.md", 3) == "3: Tern keeps jobs.\n4: It loses nothing."
        assert opened.read_file("deep/b.md") == "1: Harbor loses files."
        assert list(opened.touched) == ["a.md:3-4", "deep/b.md:1-1"]

    def test_the_mark_before_a_text_is_none_of_it(self, notes: Path) -> None:
        (notes / "marked.md").write_text("first", encoding="utf-8-sig")
        assert tools(notes).read_file("marked.md") == "1: first"
        assert tools(notes).search_text("first", "marked").startswith("marked.md:1: first\n(complete: 1 ")

    def test_a_long_file_comes_in_parts(self, notes: Path) -> None:
        (notes / "long.md").write_text("x\n" * 2500)
        opened = tools(notes)
        assert opened.read_file("long.md").endswith("(500 more lines; read on with first_line=2001)")
        assert opened.read_file("long.md", 2001).startswith("2001: x")

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_lines_end_where_editors_end_them(self, notes: Path, end: str) -> None:
        lines = ["one\f", "two\v\x1c\x85", "", "four\u2028\u2029", "five"]
        (notes / "odd.md").write_bytes(end.join(lines).encode())
        opened = tools(notes)
        shown = opened.read_file("odd.md")
        assert shown.split("\n") == [f"{number}: {line}" for number, line in enumerate(lines, start=1)]
        assert opened.search_text("five").startswith("odd.md:5: five\n(complete")
        assert list(opened.touched) == ["odd.md:1-5", 'search_text("five")', "odd.md:5-5"]

    @given(st.text(st.sampled_from("ab\n\r\f\v\x85\u2028"), max_size=12))
    def test_lines_put_together_again_are_the_text(self, text: str) -> None:
        plain = text.replace("\r\n", "\n").replace("\r", "\n")
        assert "\n".join(lines_of(text)) == plain.removesuffix("\n")
        assert len(lines_of(text)) == plain.count("\n") + (not plain.endswith("\n") and plain != "")

    def test_an_answer_has_an_end_and_says_how_to_go_on(self, notes: Path) -> None:
        (notes / "wide.md").write_text(("x" * 999 + "\n") * 300)
        opened = tools(notes)
        seen, first = 0, 1
        while True:
            *rows, last = opened.read_file("wide.md", first).split("\n")
            assert sum(len(row) + 1 for row in rows) <= MAX_CHARACTERS
            on = re.fullmatch(r"\(\d+ more lines; read on with first_line=(\d+)\)", last)
            seen += len(rows) + (on is None)
            if on is None:
                break
            assert f"wide.md:{first}-{int(on[1]) - 1}" in opened.touched
            first = int(on[1])
        assert seen == 300

    def test_a_line_that_is_too_long_is_cut_and_what_it_holds_can_be_found(self, notes: Path) -> None:
        (notes / "one.md").write_text("x" * 150_000 + " needle " + "y" * 150_000 + "\nnext\n")
        opened = tools(notes)
        cut, on = opened.read_file("one.md").split("\n")
        assert len(cut) < MAX_CHARACTERS + 200
        assert "(cut: the line has 300,008 characters; search_text" in cut
        assert on == "(1 more lines; read on with first_line=2)"
        found = opened.search_text("needle")
        assert "needle" in found
        assert len(found) < 1000

    def test_a_long_listing_and_a_long_search_have_an_end(self, notes: Path) -> None:
        for number in range(600):
            (notes / f"{number:0200}.md").write_text("same\n")
        listed = tools(notes).list_files()
        assert len(listed) <= MAX_CHARACTERS + 100
        assert "of 602 files; give a pattern" in listed.split("\n")[-1]

    def test_only_what_a_search_shows_was_seen(self, notes: Path) -> None:
        (notes / "long.md").write_text("same\n" * 300)
        opened = tools(notes)
        opened.search_text("same")
        assert len(opened.touched) == 1 + MAX_MATCHES  # the query too

    def test_a_range_that_was_not_read_to_its_end_says_so(self, notes: Path) -> None:
        (notes / "long.md").write_text("x\n" * 2500)
        assert tools(notes).read_file("long.md", 1, 2400).endswith("(400 more lines; read on with first_line=2001)")
        assert tools(notes).read_file("a.md", 1, 3) == "1: # A\n2: \n3: Tern keeps jobs."

    def test_what_tools_have_put_there_is_not_listed(self, notes: Path) -> None:
        for filled in ("deep/__pycache__/b.pyc", "node_modules/left/pad.js", "env/pyvenv.cfg", "env/lib/site.py"):
            (notes / filled).parent.mkdir(parents=True, exist_ok=True)
            (notes / filled).write_text("there", "utf-8")
        assert paths(tools(notes)) == ["a.md", "deep/b.md"]
        assert "there" in tools(notes).read_file("node_modules/left/pad.js")

    def test_listing_leaves_hidden_files_out(self, notes: Path) -> None:
        assert tools(notes).list_files() == (
            "a.md\t4 lines, 40 bytes\ndeep/b.md\t1 line, 20 bytes\n(complete: 2 files)"
        )
        assert paths(tools(notes), "DEEP") == ["deep/b.md"]
        assert tools(notes).list_files("nothing") == "no files"

    def test_searching_shows_and_remembers_each_line(self, notes: Path) -> None:
        opened = tools(notes)
        assert opened.search_text("loses").split("\n") == [
            "a.md:4: It loses nothing.",
            "deep/b.md:1: Harbor loses files.",
            "(complete: 2 matching lines in 2 files)",
        ]
        by_words = opened.search_text("FILES loses")
        assert "no line has this text as it stands" in by_words
        assert "deep/b.md:1: Harbor loses files." in by_words
        assert opened.search_text("loses", path="a.md").startswith("a.md:4: It loses nothing.\n(complete: 1 ")
        assert opened.search_text("absent") == "no matches (complete: 2 files searched)"
        places = [place for place in opened.touched if not place.startswith("search_text(")]
        assert places == ["a.md:4-4", "deep/b.md:1-1"]
        assert [*opened.touched][-1] == 'search_text("absent")'  # to find nothing may decide too

    def test_a_search_shows_so_many_lines_and_says_so(self, notes: Path) -> None:
        (notes / "long.md").write_text("same\n" * 300)
        assert tools(notes).search_text("same").splitlines()[-1].startswith("(at most 100 lines")

    def test_several_folders_are_told_apart_by_name(self, notes: Path) -> None:
        opened = tools(notes, notes / "deep")
        assert paths(opened) == ["deep/b.md", "notes/a.md"]
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

    def test_what_there_is_nothing_to_read_in_is_known_by_its_beginning(self, notes: Path) -> None:
        texts = {"a.md": "Text.\n", "umlaut.md": "Größe, and a form feed\f\n", "empty.md": " \n"}
        for name, text in texts.items():
            (notes / name).write_text(text, encoding="utf-8")
        (notes / "image.png").write_bytes(b"\x89PNG\0\0")
        (notes / "packed").write_bytes(bytes(range(128, 256)))
        assert Folders((notes,)).unreadable([*texts, "image.png", "packed", "gone.md"]) == {
            "empty.md": "is empty",
            "image.png": "is not text",
            "packed": "is not text",
            "gone.md": "cannot be opened: No such file or directory",
        }

    @pytest.mark.parametrize("path", ["a\0b", "\0", "a.md\0", "a\n.md", "\ud800.md", "a" * 5000])
    def test_what_is_no_path(self, notes: Path, path: str) -> None:
        with pytest.raises(ToolRefused):
            tools(notes).read_file(path)

    @pytest.mark.parametrize("inside_first", [True, False])
    def test_a_file_in_two_folders_is_one_file(self, notes: Path, inside_first: bool) -> None:
        folders = Folders((notes / "deep", notes) if inside_first else (notes, notes / "deep"))
        assert folders.files() == ["deep/b.md", "notes/a.md"]
        assert folders.name_of(notes / "deep" / "b.md") == "deep/b.md"

    def test_folders_that_have_gone(self, notes: Path) -> None:
        opened = tools(notes)
        notes.rename(notes.parent / "moved")
        with pytest.raises(ToolRefused, match="cannot be opened"):
            opened.read_file("a.md")
        assert opened.list_files() == "no files"

    @pytest.mark.parametrize(
        ("first", "last", "said"),
        [(10, None, "has 4 lines"), (3, 2, "no lines from 3 to 2"), (1, 0, "no lines"), (-5, -1, "no lines")],
    )
    def test_lines_that_are_not_there(self, notes: Path, first: int, last: int | None, said: str) -> None:
        opened = tools(notes)
        with pytest.raises(ToolRefused, match=said):
            opened.read_file("a.md", first, last)
        assert not opened.touched

    def test_a_query_without_words(self, notes: Path) -> None:
        assert tools(notes).search_text("# ").startswith("a.md:1: # A\n")
        with pytest.raises(ToolRefused, match="no words"):
            tools(notes).search_text("…", match="words")
        with pytest.raises(ToolRefused, match="no other characters"):
            tools(notes).search_text("\n")

    def test_a_folder_that_is_none(self, notes: Path) -> None:
        for folder in (notes / "missing", notes / "a.md"):
            with pytest.raises(UsageError, match="folder cannot be read"):
                Folders((folder,))
