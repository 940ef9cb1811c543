"""How agents and harnesses find files and lines: what is ignored, what a query means, and that nothing floods."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weft.runtime.tools.folders import Folders
from weft.runtime.tools.lookup import Found
from weft.runtime.tools.matching import path_matcher
from weft.runtime.tools.reading import OpenFiles
from weft.runtime.tools.refusing import ToolRefused


@pytest.fixture
def code(tmp_path: Path) -> Path:
    (tmp_path / "src" / "deep").mkdir(parents=True)
    (tmp_path / "src" / "a.py").write_text("import re\n\n\ndef find(x):\n    return x[0]\n")
    (tmp_path / "src" / "deep" / "b.ts").write_text("const find = (x) => x[0];\n")
    (tmp_path / "notes.md").write_text("## Finding\n\nfind it\n")
    return tmp_path


def tools(folder: Path) -> OpenFiles:
    return OpenFiles(Folders((folder,)))


def listed(folder: Path, pattern: str = "") -> list[str]:
    return tools(folder).paths(pattern)


class TestIgnored:
    @pytest.mark.parametrize("git", [True, False])
    def test_what_gitignore_names_is_not_listed_and_can_be_read(self, code: Path, git: bool) -> None:
        if git:
            (code / ".git" / "info").mkdir(parents=True)
            (code / ".git" / "info" / "exclude").write_text("mine.txt\n")
        (code / ".gitignore").write_text("*.log\n/build/\n!keep.log\n[bad\n")
        (code / "src" / ".gitignore").write_text("deep/*\n!deep/kept.ts\n")
        for name in ("x.log", "keep.log", "build/out.txt", "src/build/in.txt", "src/deep/kept.ts", "mine.txt"):
            (code / name).parent.mkdir(parents=True, exist_ok=True)
            (code / name).write_text("text\n")
        kept = ["keep.log", "notes.md", "src/a.py", "src/build/in.txt", "src/deep/kept.ts"]
        assert listed(code) == sorted([*kept, *([] if git else ["mine.txt"])])
        assert tools(code).read_file("x.log") == "1: text"

    def test_the_repository_around_a_folder_counts_unless_it_ignores_the_folder(self, code: Path) -> None:
        (code / ".git").mkdir()
        (code / ".gitignore").write_text("*.ts\nbuild/\n")
        (code / "build").mkdir()
        (code / "build" / "x.ts").write_text("x\n")
        assert listed(code / "src") == ["a.py"]
        assert listed(code / "build") == ["x.ts"]

    names = st.sampled_from(["a", "b", "*", "a*", "*.py", "**", "[ab]", "[!a]", "?", "x.py", "\\!b", "b "])
    rule = st.builds(
        lambda no, top, parts, folder: f"{'!' * no}{'/' * top}{'/'.join(parts)}{'/' * folder}",
        st.booleans(),
        st.booleans(),
        st.lists(names, min_size=1, max_size=3),
        st.booleans(),
    )

    @settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(rule, max_size=3), st.lists(rule, max_size=3))
    def test_it_is_what_git_says(self, tmp_path: Path, top: list[str], inner: list[str]) -> None:
        if not (tmp_path / ".git").exists():
            subprocess.run(["git", "init", "-q", tmp_path], check=True)
            for folder in ("", "a", "b", "a/b"):
                (tmp_path / folder).mkdir(exist_ok=True)
                for file in ("x.py", "ab", "b.py"):
                    (tmp_path / folder / file).write_text("x")
        (tmp_path / ".gitignore").write_text("\n".join(top))
        (tmp_path / "a" / ".gitignore").write_text("\n".join(inner))
        command = ["git", "-C", tmp_path, "ls-files", "-o", "--exclude-standard"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        assert listed(tmp_path) == sorted(path for path in said if ".gitignore" not in path)

    def test_rules_that_would_take_for_ever_take_none(self, tmp_path: Path) -> None:
        (tmp_path / ".gitignore").write_text("a*" * 60 + "b\n")
        (tmp_path / ("a" * 250)).write_text("x")
        assert listed(tmp_path) == ["a" * 250]

    def test_a_link_or_a_pipe_in_the_place_of_rules_is_none(self, code: Path) -> None:
        (code / "rules").write_text("*\n")
        (code / ".gitignore").symlink_to(code / "rules")
        os.mkfifo(code / "src" / ".gitignore")
        assert listed(code, "src") == ["src/a.py", "src/deep/b.ts"]


class TestPatterns:
    @pytest.mark.parametrize(
        ("pattern", "fits", "others"),
        [
            ("src/**/*.py", ["src/a.py", "src/x/y/a.py"], ["a.py", "lib/src/a.py"]),
            ("*.{ts,tsx}", ["a/b.ts", "B.TSX"], ["b.js"]),
            ("app/[id]/page.tsx", ["app/[id]/page.tsx", "app/i/page.tsx"], ["app/x/page.tsx"]),
            ("{a,b}{a,b}.*", ["ab.py", "x/ba.py"], ["c.py"]),
            ("SRC/*", ["src/a"], ["src/b/c"]),
            ("[!a]*.py", ["b.py"], ["a.py"]),
            ("docs/", ["docs/x", "mydocs/x"], ["docs"]),
            ("[z", ["a[zb"], ["z"]),
        ],
    )
    def test_what_they_fit(self, pattern: str, fits: list[str], others: list[str]) -> None:
        matches = path_matcher(pattern)
        assert [path for path in [*fits, *others] if matches(path)] == fits

    def test_too_many_alternatives_are_refused(self, code: Path) -> None:
        with pytest.raises(ToolRefused, match="too many alternatives"):
            tools(code).list_files("{a,b}" * 40)
        assert "no file with such a path" in tools(code).search_text("find", "*.rs")

    @given(st.text("ab/*?[]{},!\\^-:.", max_size=12))
    def test_any_text_is_one_or_is_refused(self, pattern: str) -> None:
        try:
            path_matcher(pattern)("a/b")
        except ToolRefused as refused:
            assert "pattern" in str(refused)


class TestQueries:
    def test_signs_patterns_case_and_paths(self, code: Path) -> None:
        opened = tools(code)
        assert opened.search_text("x[0]", "*.py").startswith("src/a.py:5:     return x[0]\n(complete: 1 ")
        assert opened.search_text("##").startswith("notes.md:1: ## Finding\n")
        assert opened.search_text(r"^def \w+\(", match="regex").startswith("src/a.py:4: def find(x):\n(complete")
        assert "1 matching line in" in opened.search_text("Find", case=True)
        assert {'search_text("x[0]", path="*.py")', "src/a.py:5-5", 'search_text("Find", case=true)'} <= {
            *opened.touched
        }

    def test_lines_around_are_shown_once_and_seen(self, code: Path) -> None:
        opened = tools(code)
        rows = opened.search_text("x", "a.py", context=1).split("\n")
        assert rows[:-1] == ["src/a.py-3- ", "src/a.py:4: def find(x):", "src/a.py:5:     return x[0]"]
        assert list(opened.touched)[-1] == "src/a.py:3-5"

    @pytest.mark.parametrize("pattern", ["(", r"(x)\1", "(?=x)", "((a{500}){500}){500}", "a**"])
    def test_a_pattern_that_is_none_is_refused_with_what_can_be_done(self, code: Path, pattern: str) -> None:
        with pytest.raises(ToolRefused, match='match="text"'):
            tools(code).search_text(pattern, match="regex")

    def test_a_pattern_that_would_take_for_ever_takes_none(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_text("a" * 100_000)
        assert tools(tmp_path).search_text("(a*)*b", match="regex") == "no matches (complete: 1 file searched)"

    def test_one_file_does_not_flood_and_all_is_counted(self, tmp_path: Path) -> None:
        (tmp_path / "a.log").write_text("same\n" * 3000)
        (tmp_path / "b.md").write_text("the same\n")
        (tmp_path / "c.bin").write_bytes(b"\0same")
        rows = tools(tmp_path).search_text("same").split("\n")
        assert "b.md:1: the same" in rows
        assert len(rows) == 20 + 1 + 2
        assert rows[-2].startswith("(a.log: 2980 more; path=")
        assert "21 of 3,001 matching lines in 2 files; 1 file could not be searched" in rows[-1]

    def test_a_long_line_is_cut_around_what_was_found_and_can_be_read_on(self, tmp_path: Path) -> None:
        (tmp_path / "app.min.js").write_text("x" * 250_000 + "needle" + "y" * 1000)
        opened = tools(tmp_path)
        assert "from 249,876; read_file with first_line=1, first_column=…" in opened.search_text("needle")
        assert opened.read_file("app.min.js", 1, 1, 250_001).startswith("1: needleyyy")
        assert "first_column=100001)" in opened.read_file("app.min.js")
        with pytest.raises(ToolRefused, match="has 251,006 characters"):
            opened.read_file("app.min.js", 1, 1, 300_000)

    def test_harnesses_find_the_same_as_data(self, code: Path) -> None:
        found = Found(Folders((code,)))
        assert [row["line"] for row in found.search_text("find it")] == [3]
        assert found.search_text(r"^def", match="regex") == [{"source": "src/a.py", "line": 4, "text": "def find(x):"}]
        assert [row["text"] for row in found.search_text("##")] == ["## Finding"]
        assert found.list_files("**/*.ts") == ["src/deep/b.ts"]


def test_empty_files_and_other_encodings_are_told(tmp_path: Path) -> None:
    (tmp_path / "empty.md").write_text("")
    (tmp_path / "wide.txt").write_text("Größe\n", encoding="utf-16")
    (tmp_path / "old.txt").write_text("Eine Größe von dreien\n", encoding="latin-1")
    opened = tools(tmp_path)
    assert opened.read_file("empty.md") == "(empty.md is empty)"
    assert opened.read_file("wide.txt") == "1: Größe"
    assert opened.read_file("old.txt").endswith("(it is not all UTF-8: 2 characters are shown as \ufffd)")
