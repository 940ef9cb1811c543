"""What is said to be meant by a path that is not there."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import weft

from weft.runtime.meant import did_you_mean_path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "docs/deep").mkdir(parents=True)
    for name in ("docs/guide.md", "docs/deep/plan.md", "stub.json", "hello.py"):
        (tmp_path / name).write_text("{}")
    return tmp_path


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("docs/giude.md", "docs/guide.md"),
        ("dosc/guide.md", "docs/guide.md"),
        ("dcos/deap/plann.md", "docs/deep/plan.md"),
        ("doc", "docs"),
    ],
)
def test_any_part_of_it_may_be_misspelled(folder: Path, wrong: str, meant: str) -> None:
    assert did_you_mean_path(folder / wrong, "look").startswith(f"did you mean {folder / meant}")


@pytest.mark.parametrize("path", ["docs/guide.md", "docs", "elsewhere/x", "docs/guide.md/x", "/", "/nowhere/at/all"])
def test_nothing_is_said_where_nothing_is_meant(folder: Path, path: str) -> None:
    assert did_you_mean_path(folder / path, "look") == "look"


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["run", "helo.py"], "hello.py"),
        (["check", "helo.py"], "hello.py"),
        (["run", "digest", "--dir", "doc"], "docs"),
        (["run", "digest", "--args", "@stob.json"], "stub.json"),
        (["run", "digest", "--args", "{}", "--files", "@stob.json"], "stub.json"),
    ],
)
def test_it_is_said_wherever_a_file_is_named(folder: Path, words: list[str], meant: str) -> None:
    done = weft(folder, *words)
    assert done.code == 2 and f"did you mean {meant}" in done.out + done.err
