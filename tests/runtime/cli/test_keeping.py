"""The library as a person uses it: save, test, replace, go back, hand on, remove; and what it makes of bad input."""

from __future__ import annotations

import errno
import json
import re
import shutil
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from warnings import catch_warnings

import pytest
from command import weft
from kept import ARGS, RATING, rated, saved
from unconfined import without_processes

from weft.runtime.keeping import shelf


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one run that was saved."""
    folder = tmp_path_factory.mktemp("project")
    with pytest.MonkeyPatch.context() as patch:
        without_processes(patch)
        saved(folder)
    return folder


@pytest.fixture
def folder(project: Path, tmp_path: Path) -> Path:
    return shutil.copytree(project, tmp_path / "project")


def harness(folder: Path) -> Path:
    return folder / ".weft/workflows/rating.py"


def files(folder: Path) -> dict[str, bytes]:
    """Return all that the project has, besides what is remembered of runs, which is made again."""
    there = sorted((folder / ".weft").rglob("*"))
    return {str(path.relative_to(folder)): path.read_bytes() for path in there if path.is_file()}


class TestSave:
    def test_a_run_is_kept_with_its_answers_and_typed_arguments(self, folder: Path) -> None:
        run = sorted((folder / ".weft/runs").iterdir())[-1].name
        done = weft(folder, "save", run, "other", "--param", "least", "--param", 'files=["a.py"]', "--json")
        assert (done.code, done.json["version"], done.json["cassettes"]) == (0, 1, [run])
        properties = done.json["args"]["properties"]
        assert (properties["least"]["default"], properties["files"]["default"]) == (3, ["a.py"])
        assert done.json["args"]["required"] == []
        assert weft(folder, "test", "other").code == 0
        ran = weft(folder, "run", "other", "--agents", "stub:stub.json", "--json")
        assert ran.json["result"] == {"risky": ["a.py"], "lost": 0}

    def test_for_the_user_it_is_there_in_every_project(self, folder: Path, tmp_path: Path) -> None:
        """With all that is kept of it; a project's own of that name is meant there, and stays."""
        (other := tmp_path / "other").mkdir()
        user = {"HOME": str(tmp_path / "home")}
        shutil.copy(folder / "stub.json", other)
        done = weft(folder, "save", "@last", "rating", "--user", "--param", "least", "--json", **user)
        assert done.json["path"] == str(tmp_path / "home/.weft/workflows/rating.py")
        assert weft(folder, "save", "rating@1", "rating", "--user", "--replace", **user).code == 0  # the project's
        assert weft(other, "list", "--json", **user).json[0]["where"] == "user"
        assert weft(other, "test", "rating", **user).code == 0
        assert weft(other, "run", "rating", "--agents", "stub:stub.json", "--args", json.dumps(ARGS), **user).code == 4
        assert weft(folder, "list", "rating", "--json", **user).json["where"] == "project"
        (again := tmp_path / "again").mkdir()
        kept = weft(again, "list", "rating", "--json", **user).json
        assert ([one["number"] for one in kept["versions"]], kept["record"]["runs"], kept["approved"]) == (
            [1, 2],
            1,
            True,
        )
        assert weft(again, "export", "rating", **user).code == 0
        assert weft(again, "rm", "rating", **user).code == 0
        assert (weft(again, "run", "rating", **user).code, harness(folder).is_file()) == (2, True)
        assert weft(again, "import", "rating.weft", "--user", **user).code == 0
        assert weft(other, "test", "rating", **user).code == 0
        (tmp_path / "home/.weft/workflows/rating.py").write_text(RATING + "# by hand\n")
        assert "weft save rating@2 rating --replace --user" in weft(other, "test", "rating", **user).err
        assert (
            "another harness is saved as 'rating'" in weft(folder, "save", "rating.py", "rating", "--user", **user).err
        )
        assert weft(folder, "save", "rating.py", "rating", "--user", "--replace", **user).code == 0
        assert "harness of this project" in weft(folder, "save", "rating.py", "rating", "--user", **user).err

    def test_a_file_is_kept_without_answers(self, folder: Path) -> None:
        done = weft(folder, "save", "rating.py", "plain")
        assert (done.code, done.out.splitlines()[0]) == (0, "Saved .weft/workflows/plain.py as version 1")
        tested = weft(folder, "test", "plain", "--json")
        assert (tested.code, tested.json["error"]["message"]) == (2, "'plain' has no recorded answers")

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["nothing", "x"], "no run goes by 'nothing'"),
            (["rating.py", "rating"], ""),  # it is the same
            (["rating@7", "x"], "no version 7"),
            (["rating.py", "a b"], "no name for a harness"),
            (["missing.py", "x"], "cannot be read"),
            (["rating.py", "x", "--param", "nothing=1"], "no argument 'nothing'"),
            (["rating.py", "x", "--param", "least=many"], "least takes a whole number"),
            (["rating.py", "x", "--param", "least=-1"], "nothing that 'least' may be"),
            (["rating.py", "x", "--param", "files=a.py"], "a value as JSON"),
            (["rating.py", "x", "--param", "least"], "has no value"),
            (["stub.json", "x"], "not a harness"),
        ],
    )
    def test_what_cannot_be_saved_is_said(self, folder: Path, words: list[str], said: str) -> None:
        before = files(folder)
        done = weft(folder, "save", *words)
        assert said in done.err
        assert bool(done.code) == bool(said)
        assert files(folder) == before

    def test_a_name_from_a_record_is_no_path(self, folder: Path) -> None:
        run = next((folder / ".weft/runs").iterdir())
        run.rename(run.with_name(f"{'.. x' * 30}@1"))
        done = weft(folder, "save", "@last", "other", "--json")
        assert done.code == 0 and re.fullmatch("[A-Za-z0-9_-]{1,80}", done.json["cassettes"][0])
        assert weft(folder, "test", "other").code == 0

    def test_a_run_without_a_result_is_refused(self, tmp_path: Path) -> None:
        run = rated(tmp_path, RATING.replace("rated = [", "1 / 0\n    rated = ["))
        done = weft(tmp_path, "save", run, "x")
        assert (done.code, "has no result to keep: it is error" in done.err) == (3, True)
        assert not (tmp_path / ".weft/workflows").exists()


class TestReplace:
    def test_needs_to_be_said(self, folder: Path) -> None:
        (folder / "new.py").write_text(RATING + "# new\n")
        before = files(folder)
        done = weft(folder, "save", "new.py", "rating")
        assert (done.code, "--replace" in done.err, files(folder)) == (3, True, before)
        assert weft(folder, "save", "new.py", "rating", "--replace").code == 0  # the same result: nothing to ask
        assert weft(folder, "test", "rating").code == 0

    def test_shows_what_changes_and_asks(self, folder: Path) -> None:
        (folder / "new.py").write_text(RATING.replace("risk >=", "risk <"))
        before = files(folder)
        for typed in (None, "n\n"):
            done = weft(folder, "save", "new.py", "rating", "--replace", typed=typed)
            assert (done.code, files(folder)) == (3, before)
            assert "$.risky[0]  a.py → c.py" in done.err
        assert weft(folder, "save", "new.py", "rating", "--replace", typed="y\n").code == 0
        assert weft(folder, "test", "rating").code == 0  # what it comes to now is what it should
        listed = weft(folder, "list", "rating", "--json").json["versions"]
        assert [version["number"] for version in listed] == [1, 2]
        assert weft(folder, "save", "rating@1", "rating", "--replace", "--yes").code == 0
        assert (harness(folder).read_text(), weft(folder, "test", "rating").code) == (RATING, 0)
        assert "goes back to it" in weft(folder, "run", "rating@2").err

    def test_keeps_what_was_written_by_hand(self, folder: Path) -> None:
        harness(folder).write_text(RATING + "# by hand\n")
        (folder / "new.py").write_text(RATING + "# new\n")
        assert weft(folder, "save", "new.py", "rating", "--replace").code == 0
        texts = [path.read_text() for path in sorted((folder / ".weft/library/rating/versions").iterdir())]
        assert texts == [RATING, RATING + "# by hand\n", RATING + "# new\n"]

    def test_an_edit_is_shown_with_what_it_comes_to(self, folder: Path) -> None:
        harness(folder).write_text(RATING.replace(">= args", "> args"))
        done = weft(folder, "test", "rating")
        assert done.out.startswith("edited since version 1:\n") and done.out.count("same ") == 1
        assert [row[-40:] for row in done.out.splitlines() if row.startswith(("+", "-"))] == [
            ' in rated if risk >= args["least"]], "lost": len(found.lost)}'[-40:],
            ' in rated if risk > args["least"]], "lost": len(found.lost)}'[-40:],
        ]
        assert weft(folder, "test", "rating", "--json").json["edited_since"] == 1
        assert weft(folder, "save", "rating", "rating").code == 0
        assert weft(folder, "test", "rating").out.startswith("same ")
        (folder / "new.py").write_text(RATING.replace('["risk"]) for', '["risk"] - 9) for'))
        replaced = weft(folder, "save", "new.py", "rating", "--replace")
        assert (replaced.code, replaced.err.count("\n+"), "differs " in replaced.err) == (3, 2, True)

    def test_takes_in_an_edit_in_place(self, folder: Path) -> None:
        harness(folder).write_text(RATING.replace("risk >=", "risk <"))
        assert weft(folder, "test", "rating").code == 1
        words = ("save", ".weft/workflows/rating.py", "rating", "--replace")
        assert weft(folder, *words).code == 3
        assert weft(folder, *words, "--yes").code == 0
        assert weft(folder, "test", "rating").code == 0

    def test_of_two_at_once_one_is_told(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
        (tmp_path / "one.py").write_text(RATING)
        (tmp_path / "two.py").write_text(RATING + "# two\n")
        from weft.runtime.errors import Refused
        from weft.runtime.keeping.saving import Replacing, Source, save
        from weft.runtime.project.folders import Project
        from weft.runtime.project.harness import read_harness

        kept, refused = shelf.Shelf(Project(tmp_path), "both"), []

        def put(name: str) -> None:
            one = read_harness(tmp_path / name)
            try:
                save(kept, Source(one, name), one, Replacing(None))
            except Refused as error:
                refused.append(error.what)

        threads = [threading.Thread(target=put, args=(name,)) for name in ("one.py", "two.py")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert refused == ["another process has saved 'both' meanwhile"]
        assert len(kept.kept().versions) == 1
        current = kept.current()
        assert current is not None and kept.kept().versions[0].digest == current.digest

    @pytest.mark.parametrize("at", range(3))
    def test_a_full_disk_loses_nothing(self, folder: Path, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
        (folder / "new.py").write_text(RATING + "# new\n")
        before, done, writes = files(folder), shelf.write_atomically, []

        def fails(path: Path, content: object) -> None:
            writes.append(path)
            if len(writes) > at:
                raise OSError(errno.ENOSPC, "No space left on device")
            done(path, content)

        monkeypatch.setattr(shelf, "write_atomically", fails)
        saved_again = weft(folder, "save", "new.py", "rating", "--replace")
        monkeypatch.undo()
        assert (saved_again.code, harness(folder).read_bytes()) == (2, before[".weft/workflows/rating.py"])
        without_processes(monkeypatch)
        assert "No space left" in saved_again.err and "Traceback" not in saved_again.err
        assert weft(folder, "test", "rating").code == 0
        assert weft(folder, "save", "new.py", "rating", "--replace").code == 0
        assert weft(folder, "test", "rating").code == 0


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def emptied(path: Path) -> None:
    path.write_text("")


def away(path: Path) -> None:
    path.unlink()


def beheaded(path: Path) -> None:
    path.write_bytes(path.read_bytes()[9:])


class TestDamage:
    @pytest.mark.parametrize("harm", [cut, emptied, away])
    def test_of_a_cassette_is_said(self, folder: Path, harm: Callable[[Path], None]) -> None:
        (cassette,) = (folder / ".weft/library/rating/cassettes").iterdir()
        harm(cassette)
        done = weft(folder, "test", "rating")
        assert (done.code, "broken" in done.out) == (1, True)
        assert "Traceback" not in done.err
        (folder / "new.py").write_text(RATING + "# new\n")
        assert weft(folder, "save", "new.py", "rating", "--replace").code == 3
        assert weft(folder, "export", "rating").code == 1

    @pytest.mark.parametrize("text", ["", "[" * 9_000, '{"versions": [{"number": 1}]}', "\udcff"], ids=range(4))
    def test_of_the_list_of_versions_stops_no_run(self, folder: Path, text: str) -> None:
        (folder / ".weft/library/rating/saved.json").write_bytes(text.encode("utf-8", "surrogateescape"))
        assert weft(folder, "run", "rating", "--help").code == 0
        for words in (("test", "rating"), ("save", "rating.py", "rating", "--replace")):
            done = weft(folder, *words)
            assert (done.code, "what is kept of 'rating' is damaged" in done.err) == (1, True)
        assert harness(folder).read_text() == RATING

    @pytest.mark.parametrize("name", ["../../../../x", "/etc/passwd", ""])
    def test_no_name_leads_out(self, folder: Path, name: str) -> None:
        path = folder / ".weft/library/rating/saved.json"
        kept = json.loads(path.read_text())
        kept["versions"][0]["cassettes"] = [name]
        path.write_text(json.dumps(kept))
        assert "is damaged" in weft(folder, "test", "rating").err

    def test_no_link_leads_out(self, folder: Path, tmp_path: Path) -> None:
        outside = tmp_path / "outside"
        shutil.move(folder / ".weft/library/rating", outside)
        (folder / ".weft/library/rating").symlink_to(outside)
        (folder / "new.py").write_text(RATING + "# new\n")
        before = sorted(outside.rglob("*"))
        done = weft(folder, "save", "new.py", "rating", "--replace", "--yes")
        assert (done.code, "elsewhere" in done.err) == (3, True)
        assert weft(folder, "rm", "rating").code == 3
        assert sorted(outside.rglob("*")) == before


class TestHandedOn:
    def test_all_of_it_comes_with_it(self, folder: Path, tmp_path: Path) -> None:
        weft(folder, "list", "rating")  # remembers its run
        done = weft(folder, "export", "rating", str(tmp_path / "r.weft"), "--json")
        assert done.code == 0 and done.json["bytes"] == (tmp_path / "r.weft").stat().st_size
        other = tmp_path / "other"
        other.mkdir()
        assert weft(other, "import", "../r.weft").code == 0
        assert weft(other, "test", "rating").code == 0
        listed = weft(other, "list", "rating", "--json").json
        assert (listed["runs"], len(listed["versions"])) == (1, 1)
        assert weft(other, "import", "../r.weft").code == 3
        assert weft(other, "import", "../r.weft", "--as", "mine").code == 0
        assert weft(other, "export", "mine", "../r.weft").code == 2

    def test_what_it_calls_is_said_not_to_be_in_it(self, folder: Path) -> None:
        calls = RATING.replace("files = args", 'await workflow("inner")\n    files = args').replace(
            "parallel\n", "parallel, workflow\n"
        )
        (folder / "calls.py").write_text(calls)
        assert weft(folder, "save", "calls.py", "calls").code == 0
        assert "it calls inner, which is not in it" in weft(folder, "export", "calls").err

    @pytest.mark.parametrize("harm", [cut, beheaded, emptied, away])
    def test_what_is_cut_off_is_refused(self, folder: Path, tmp_path: Path, harm: Callable[[Path], None]) -> None:
        weft(folder, "export", "rating", str(tmp_path / "r.weft"))
        harm(tmp_path / "r.weft")
        refused(tmp_path)

    @pytest.mark.parametrize(
        "extra",
        [
            zipfile.ZipInfo("../x.py"),
            zipfile.ZipInfo("cassettes/../../x.jsonl"),
            zipfile.ZipInfo("versions/"),
            zipfile.ZipInfo("harness.py"),
        ],
        ids=lambda info: info.filename,
    )
    def test_what_weft_has_not_put_there_is_refused(self, folder: Path, tmp_path: Path, extra: zipfile.ZipInfo) -> None:
        weft(folder, "export", "rating", str(tmp_path / "r.weft"))
        with (
            zipfile.ZipFile(tmp_path / "r.weft", "a") as archive,
            catch_warnings(action="ignore"),
        ):
            archive.writestr(extra, "x")
        refused(tmp_path)

    def test_a_link_is_refused(self, folder: Path, tmp_path: Path) -> None:
        rewritten(folder, tmp_path, "versions/1.py", "/etc/passwd", attributes=0o120777 << 16)

    def test_another_text_is_refused(self, folder: Path, tmp_path: Path) -> None:
        rewritten(folder, tmp_path, "harness.py", RATING.replace("9", "8"))

    def test_a_bomb_is_refused(self, folder: Path, tmp_path: Path) -> None:
        rewritten(folder, tmp_path, "harness.py", RATING + "#" * 5_000_000)


def refused(tmp_path: Path) -> None:
    """Check that an archive is refused, and leaves nothing behind."""
    other = tmp_path / "other"
    other.mkdir()
    done = weft(other, "import", "../r.weft")
    assert done.code in (2, 3) and "Traceback" not in done.err
    assert not (other / ".weft").exists()


def rewritten(folder: Path, tmp_path: Path, name: str, text: str, attributes: int = 0) -> None:
    """Put another text into an archive, and check that it is refused."""
    weft(folder, "export", "rating", str(tmp_path / "whole.weft"))
    with zipfile.ZipFile(tmp_path / "whole.weft") as whole, zipfile.ZipFile(tmp_path / "r.weft", "w") as other:
        for info in whole.infolist():
            if info.filename == name:
                info.external_attr = attributes
            other.writestr(info, text if info.filename == name else whole.read(info.filename))
    refused(tmp_path)


class TestRemove:
    def test_all_of_it_goes_and_its_runs_stay(self, folder: Path) -> None:
        assert weft(folder, "rm", "rating").code == 0
        assert not harness(folder).exists() and not (folder / ".weft/library/rating").exists()
        assert len(list((folder / ".weft/runs").iterdir())) == 1
        assert weft(folder, "rm", "rating").code == 2

    def test_what_comes_with_weft_stays(self, tmp_path: Path) -> None:
        done = weft(tmp_path, "rm", "digest")
        assert (done.code, "comes with Weft" in done.err) == (2, True)

    def test_what_is_saved_for_every_project_goes_too(self, tmp_path: Path) -> None:
        own = tmp_path / "home/.weft/workflows/mine.py"
        own.parent.mkdir(parents=True)
        own.write_text(RATING)
        assert weft(tmp_path, "rm", "mine", HOME=str(tmp_path / "home")).code == 0
        assert not own.exists()


class TestRecord:
    def test_outlives_its_runs(self, folder: Path) -> None:
        before = weft(folder, "list", "rating", "--json").json["record"]
        assert (before["runs"], before["completed"], before["clean"]) == (1, 1, 0)
        assert (before["coverage"], before["lost"]) == (pytest.approx(2 / 3), {"refused": 1})
        words = ("--agents", "stub:stub.json", "--args", json.dumps({**ARGS, "files": ["a.py"]}), "--json")
        assert weft(folder, "run", "rating", *words).code == 0
        shutil.rmtree(folder / ".weft/runs")
        after = weft(folder, "list", "rating", "--json").json["record"]
        assert (after["runs"], after["clean"]) == (2, 1)
        assert "2: 2 completed, 1 of them clean" in weft(folder, "run", "rating", "--help").out
        (listed,) = (one for one in weft(folder, "list", "--json").json if one["name"] == "rating")
        assert (listed["runs"], listed["where"], listed["args"]["required"]) == (2, "project", ["files", "least"])
        assert listed["description"] == "Rate each file for how risky it is."

    def test_that_is_damaged_is_made_again(self, folder: Path) -> None:
        weft(folder, "list", "rating")
        (folder / ".weft/library/rating/record.json").write_text("[{]")
        assert weft(folder, "list", "rating", "--json").json["record"]["runs"] == 1

    def test_is_of_its_own_runs_alone(self, folder: Path) -> None:
        rated(folder, RATING + "# another one\n")
        assert weft(folder, "list", "rating", "--json").json["record"]["runs"] == 1
