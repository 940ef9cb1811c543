"""Saved harnesses: whose they are, which one a name means, and how one is saved."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import weft

from weft.runtime.errors import Refused, UsageError
from weft.runtime.project import linted
from weft.runtime.project.folders import Project
from weft.runtime.project.linted import LintedHarnesses
from weft.runtime.project.shipped import builtin_harnesses

SOURCE = '"""Say {}.\n\nAt length."""\n\n\nasync def main(args):\n    return "{}"\n'


def save(folder: Path, name: str, said: str) -> None:
    folder.joinpath(".weft/workflows").mkdir(parents=True, exist_ok=True)
    folder.joinpath(f".weft/workflows/{name}.py").write_text(SOURCE.format(said, said))


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    project, home = tmp_path / "project", tmp_path / "home"
    save(project, "both", "project")
    save(home, "both", "home")
    save(home, "mine", "mine")
    save(home, "digest", "my own digest")
    return project, home


def test_the_nearest_of_a_name_counts(folders: tuple[Path, Path]) -> None:
    project, home = folders
    listed = {one["name"]: one for one in weft(project, "list", "--json", HOME=str(home)).json}
    assert {name: one["origin"] for name, one in listed.items()} == {
        **{harness.name: "shipped" for harness in builtin_harnesses()},
        "both": "project",
        "mine": "user",
        "digest": "user",
    }
    assert [name for name, one in listed.items() if one["hides_shipped"]] == ["digest"]
    assert (listed["both"]["purpose"], listed["mine"]["purpose"]) == ("Say project.", "Say mine.")
    for name, said in (("both", "project"), ("mine", "mine"), ("digest", "my own digest")):
        assert weft(project, "run", name, "--json", HOME=str(home)).json["result"] == said


def test_for_people_it_is_a_line_each(folders: tuple[Path, Path]) -> None:
    project, home = folders
    (project / ".weft/workflows/broken.py").write_text("async def main(")
    done = weft(project, "list", HOME=str(home))
    assert done.code == 0
    assert [line.split()[0] for line in done.out.splitlines()][:4] == ["both", "broken", "digest", "mine"]
    assert "not Python" in done.out.splitlines()[1]
    assert [line.split()[0] for line in done.out.splitlines() if "hides the one that comes with" in line] == ["digest"]


def test_one_is_saved_and_none_is_overwritten(tmp_path: Path) -> None:
    project = Project(tmp_path)
    path = project.save_harness("hello-you", SOURCE.format("hi", "hi"))
    assert path == tmp_path / ".weft/workflows/hello-you.py"
    assert project.save_harness("hello-you", SOURCE.format("hi", "hi")) == path  # the same once more
    with pytest.raises(Refused, match="another harness"):
        project.save_harness("hello-you", SOURCE.format("ho", "ho"))
    found = project.find_harness("hello-you")
    assert found is not None and found.source == SOURCE.format("hi", "hi")


@pytest.mark.parametrize("name", ["", "a b", "../x", "a.py", "x" * 65, "é"])
def test_a_name_is_one_that_can_be_typed(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="no name for a harness"):
        Project(tmp_path).save_harness(name, "")
    assert not (tmp_path / ".weft").exists()


ENDLESS = "async def main(args):\n    while True:\n        await agent('x')\n"
CALLER = """from weft.primitives import WorkflowRefused, workflow

ARGS = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}


async def main(args):
    try:
        return await workflow(args["name"])
    except WorkflowRefused as error:
        return f"refused: {error}"
"""


def test_one_with_errors_is_not_handed_out(folders: tuple[Path, Path]) -> None:
    project = Project(folders[0])
    find = LintedHarnesses(project, 100)
    (folders[0] / ".weft/workflows/bad.py").write_text(ENDLESS)
    assert find("nothing") is None
    assert find("both") == project.find_harness("both")
    with pytest.raises(Refused, match="1 error in saved harness 'bad'"):
        find("bad")
    (folders[0] / ".weft/workflows/bad.py").write_text(SOURCE.format("mended", "mended"))
    assert find("bad") == project.find_harness("bad")


def test_one_that_takes_too_long_to_check_is_not_handed_out(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = "".join(f"    v{at} = [one for one in args.get('v{at}', [])]\n" for at in range(500))
    (folders[0] / ".weft/workflows/long.py").write_text(f"async def main(args):\n{lines}")
    monkeypatch.setattr(linted, "SECONDS", 0.02)
    with pytest.raises(Refused, match="cannot find out whether there are errors in saved harness 'long'"):
        LintedHarnesses(Project(folders[0]), 100)("long")


def test_a_task_may_be_longer_than_the_name_of_a_file(folders: tuple[Path, Path]) -> None:
    assert Project(folders[0]).find_harness("tell me what the notes say of it " * 20) is None


def test_a_name_that_is_only_known_in_the_run_is_linted_then(folders: tuple[Path, Path]) -> None:
    project, _ = folders
    (project / ".weft/workflows/bad.py").write_text("async def main(args):\n    if args: open('x')\n    return 7\n")
    (project / "caller.py").write_text(CALLER)
    given = ("run", "caller.py", "--json", "--args", '{"name": "bad"}')
    result = weft(project, *given).json["result"]
    assert result.startswith("refused: ")
    assert "bad.py:2: S503" in result
