"""`weft check` and `weft rule` as a person, an editor or a build runs them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from command import weft

CLEAN = "from weft.primitives import agent\n\n\nasync def main(args):\n    return await agent('hi')\n"
TYPO = CLEAN.replace("import agent", "import agnt").replace("await agent", "await agnt")
LOOP = """\
from weft.primitives import agent


async def main(args):
    return [await agent(f"{x}") for x in args["xs"]]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, source in (("clean.py", CLEAN), ("typo.py", TYPO), ("loop.py", LOOP)):
        (tmp_path / name).write_text(source, encoding="utf-8")
    return tmp_path


class TestExit:
    @pytest.mark.parametrize(
        ("files", "code"),
        [
            (["clean.py"], 0),
            (["loop.py"], 0),
            (["typo.py"], 1),
            (["clean.py", "typo.py"], 1),
            (["gone.py"], 2),
            (["typo.py", "gone.py"], 2),
        ],
    )
    def test_the_worst_decides(self, folder: Path, files: list[str], code: int) -> None:
        assert weft(folder, "check", *files).code == code

    def test_more_fixes_than_asked_for(self, folder: Path) -> None:
        assert weft(folder, "check", "--unsafe-fixes", "typo.py").code == 2


class TestUnreadable:
    def test_it_is_data_in_the_formats_for_programs(self, folder: Path) -> None:
        done = weft(folder, "check", "--format", "json", "gone.py")
        (found,) = done.json["diagnostics"]
        assert found["code"] == "E006"
        assert "No such file" in found["message"]
        assert done.json["bound"]["agents"] == "unbounded"

    def test_the_other_files_are_checked(self, folder: Path) -> None:
        (folder / "latin.py").write_bytes("# é\n".encode("latin-1"))
        done = weft(folder, "check", "--json", "gone.py", "latin.py", "typo.py", "/dev/null/x.py")
        codes = {one["file"]: [found["code"] for found in one["diagnostics"]] for one in done.json["files"]}
        assert codes == {"gone.py": ["E006"], "latin.py": ["E006"], "typo.py": ["R712"], "/dev/null/x.py": ["E006"]}
        assert weft(folder, "check", "--format", "sarif", "gone.py").json["runs"][0]["results"][0]["ruleId"] == "E006"

    def test_a_near_one_is_told(self, folder: Path) -> None:
        assert "(did you mean typo.py" in weft(folder, "check", "tyop.py").out


PAIRS = """\
from weft.primitives import agent, parallel, workflow


async def main(args):
    first = await parallel([agent(f"Look at {n}") for n in range(3)])
    return await workflow("inner", {"first": first})
"""
INNER = """\
from weft.primitives import agent, parallel


async def main(args):
    return await parallel([agent(f"Look at {n} again") for n in range(3)])
"""


class TestFolder:
    """In a folder the harnesses are found by what they are."""

    def test_only_harnesses_of_the_project_are_checked(self, folder: Path) -> None:
        for name, source in {
            ".weft/workflows/saved.py": "x = 1\n",
            ".weft/plans/planned.py": CLEAN,
            ".hidden/a.py": CLEAN,
            "venv/pyvenv.cfg": "",
            "venv/lib/b.py": CLEAN,
            "deep/er/c.py": CLEAN,
            "deep/module.py": "async def main(args):\n    return 1\n",
            "deep/quoted.py": f"HARNESS = {CLEAN!r}\n",
            "deep/unfinished.py": CLEAN + "x = (",
            "ignored/d.py": CLEAN,
            ".gitignore": "ignored/\n",
        }.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(source)
        subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
        done = weft(folder, "check", ".", "--json")
        found = [one["file"] for one in done.json["files"]]
        harnesses = {".weft/workflows/saved.py", "deep/er/c.py", "deep/unfinished.py", "clean.py", "loop.py", "typo.py"}
        assert (set(found), len(found)) == (harnesses, len(harnesses))
        assert "6 harnesses among 8 Python files in ." in done.err
        assert [one["file"] for one in weft(folder, "check", "ignored", "--json").json["files"]] == ["ignored/d.py"]

    def test_a_saved_harness_counts_as_its_project(self, folder: Path) -> None:
        """Where `.weft` is ignored for its runs, and where the whole project is."""
        for name in (".weft/workflows/a.py", "sub/.weft/workflows/b.py", "vendored/.weft/workflows/c.py"):
            (folder / name).parent.mkdir(parents=True)
            (folder / name).write_text(CLEAN)
        (folder / ".gitignore").write_text(".weft/\nvendored/\n")
        subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
        found = [one["file"] for one in weft(folder, "check", ".", "--json").json["files"]]
        assert [name for name in found if ".weft" in name] == [".weft/workflows/a.py", "sub/.weft/workflows/b.py"]

    def test_one_file_named_twice_is_checked_once(self, folder: Path) -> None:
        assert len(weft(folder, "check", "typo.py", ".", "--json").json["files"]) == 3

    def test_a_folder_without_any_is_said(self, folder: Path) -> None:
        (folder / "empty").mkdir()
        done = weft(folder, "check", "empty")
        assert (done.code, done.out) == (0, "")
        assert "no harness among 0 Python files in empty" in done.err
        assert weft(folder, "check", "empty", "--json").json == {"files": []}


class TestProject:
    """A harness is checked as it would be run: with the saved harnesses and the limits of the project."""

    @pytest.fixture
    def project(self, folder: Path) -> Path:
        (folder / "pairs.py").write_text(PAIRS)
        (folder / ".weft/workflows").mkdir(parents=True)
        (folder / ".weft/workflows/inner.py").write_text(INNER)
        return folder

    @pytest.mark.parametrize("most", [5, 6])
    def test_more_than_it_may_start_is_found(self, project: Path, most: int) -> None:
        expected = ["C602"] if most == 5 else []
        words = ["--max-agents", str(most)]
        checked = weft(project, "check", "pairs.py", "--json", *words)
        assert [one["code"] for one in checked.json["diagnostics"]] == expected
        assert checked.json["bound"]["agents"] == 6
        planned = weft(project, "plan", "pairs.py", "--json", *words)
        assert [one["code"] for one in planned.json["lint"]["diagnostics"]] == expected
        (project / "weft.toml").write_text(f"[run]\nmax_agents = {most}\n")
        for words in (["check", "pairs.py"], ["check", "."], ["plan", "pairs.py"], ["run", "pairs.py"]):
            done = weft(project, *words)
            assert ("C602" in done.out + done.err) == bool(expected), words


class TestFix:
    def test_a_difference_is_shown_and_nothing_changes(self, folder: Path) -> None:
        for words in (["--diff"], ["--fix", "--diff"]):
            done = weft(folder, "check", *words, "typo.py", "clean.py")
            assert done.code == 1  # the file is as it was
            assert done.out.startswith("--- typo.py before\n+++ typo.py\n")
            assert "clean.py" not in done.out
            assert (folder / "typo.py").read_text() == TYPO

    def test_where_nothing_can_be_fixed_that_is_said(self, folder: Path) -> None:
        done = weft(folder, "check", "--diff", "loop.py")
        assert (done.out, done.err) == ("", "1 finding, of which --fix would mend none: without --diff each is shown\n")
        assert weft(folder, "check", "--diff", "clean.py").err == "nothing to fix\n"
        gone = weft(folder, "check", "--diff", "gone.py")
        assert (gone.code, gone.out, "No such file" in gone.err) == (2, "", True)

    def test_what_is_not_wrong_with_a_file_stays(self, folder: Path) -> None:
        """Its mode, its line endings, its byte order mark; a link stays a link; nothing else is left in the folder."""
        file, link = folder / "typo.py", folder / "link.py"
        file.write_bytes(b"\xef\xbb\xbf" + TYPO.replace("\n", "\r\n").encode())
        file.chmod(0o750)
        link.symlink_to("typo.py")
        before = sorted(folder.iterdir())
        assert weft(folder, "check", "--fix", "link.py").code == 0
        expected = TYPO.replace("import agnt", "import agent as agnt").replace("\n", "\r\n")
        assert file.read_bytes() == b"\xef\xbb\xbf" + expected.encode()
        assert file.stat().st_mode & 0o777 == 0o750
        assert link.is_symlink()
        assert sorted(folder.iterdir()) == before

    def test_a_file_that_needs_nothing_is_not_touched(self, folder: Path) -> None:
        before = (folder / "clean.py").stat()
        assert weft(folder, "check", "--fix", "clean.py").code == 0
        after = (folder / "clean.py").stat()
        assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


class TestRule:
    def test_a_page(self, folder: Path) -> None:
        done = weft(folder, "rule", "b103")
        assert done.out.startswith("# B103 await-in-loop (warning)\n")
        assert weft(folder, "rule", "B103", "--json").json["name"] == "await-in-loop"

    def test_the_list(self, folder: Path) -> None:
        lines = weft(folder, "rule").out.splitlines()
        assert [one["code"] for one in weft(folder, "rule", "--json").json] == [line.split()[0] for line in lines]

    @pytest.mark.parametrize("name", ["none-unchecked", "None-Unchecked", "R701", "r701"])
    def test_it_goes_by_its_code_and_its_name(self, folder: Path, name: str) -> None:
        assert weft(folder, "rule", name).out.startswith("# R701 none-unchecked (error)\n")

    @pytest.mark.parametrize(
        ("wrong", "meant"),
        [
            ("B104x", "B104"),
            ("B1O3", "B103"),
            ("C610", "C601"),
            ("none-uncheked", "R701"),
            ("unchecked", "R701"),
            ("await loop", "B103"),
        ],
    )
    def test_a_wrong_one(self, folder: Path, wrong: str, meant: str) -> None:
        done = weft(folder, "rule", wrong)
        assert (done.code, done.out) == (2, "")
        assert f"did you mean {meant} " in done.err

    def test_a_wrong_one_that_is_like_none(self, folder: Path) -> None:
        assert "did you mean" not in weft(folder, "rule", "qqqqqq").err
