"""`--demo`: a harness that comes with Weft, shown with scripted agents; and those that take a model without one."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import weft
from unconfined import without_processes

SPOILING = '[run]\nmodel = "anthropic:nobody"\nagents = "stub:nowhere.json"\nbudget = 0.01\ndir = "nowhere"\n'


def test_it_runs_anywhere_and_says_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)
    (tmp_path / "weft.toml").write_text(SPOILING)  # is for runs of the project, and this is none
    done = weft(tmp_path, "run", "code-review", "--demo", "--json", "--max-agents", "100")
    assert done.code == 0
    assert (done.json["health"], done.json["spent"]["usd"]) == ("clean", 0.0)
    assert "demonstration: scripted agents" in done.err


@pytest.mark.parametrize(
    "given",
    [
        ["--model", "offline"],
        ["--agents", "models"],
        ["--dir", "."],
        ["--args", "{}"],
        ["--most", "3"],
        ["code"],
    ],
)
def test_what_it_has_of_its_own_cannot_be_given(tmp_path: Path, given: list[str]) -> None:
    done = weft(tmp_path, "run", "code-review", "--demo", *given)
    assert done.code == 2
    assert f"so {given[0]} cannot be given with it" in done.err
    assert not (tmp_path / ".weft").exists()


@pytest.mark.parametrize("target", ["answer this question", "mine", "code-review", "mine.py"])
def test_what_is_none_of_ours_has_none(tmp_path: Path, target: str) -> None:
    (tmp_path / ".weft/workflows").mkdir(parents=True)
    for file in (".weft/workflows/mine.py", ".weft/workflows/code-review.py", "mine.py"):
        (tmp_path / file).write_text("async def main(args):\n    return 1\n")
    done = weft(tmp_path, "run", target, "--demo")
    assert done.code == 2
    assert f"{target!r} has no demonstration" in done.err


def test_help_and_list_tell_of_it(tmp_path: Path) -> None:
    shown = weft(tmp_path, "run", "code-review", "--help").out
    assert "weft run code-review --demo" in shown
    assert "It needs a model." in shown
    listed = {one["name"]: one for one in weft(tmp_path, "list", "--json").json}
    assert (listed["code-review"]["offline"], listed["digest"]["offline"]) == (False, True)
    assert listed["code-review"]["group"] != listed["digest"]["group"]


def test_what_takes_a_model_is_refused_without_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)
    (tmp_path / "a.py").write_text("a = 1\n")
    done = weft(tmp_path, "run", "code-review")
    assert done.code == 3
    assert "needs a model" in done.err
    planned = weft(tmp_path, "plan", "code-review")
    assert (planned.code, "needs a model" in planned.err) == (0, True)
    assert "weft run code-review --demo" in done.err
    (tmp_path / ".weft/workflows").mkdir(parents=True)
    (tmp_path / ".weft/workflows/code-review.py").write_text("async def main(args):\n    return 'mine'\n")
    assert weft(tmp_path, "run", "code-review", "--json").json["result"] == "mine"
