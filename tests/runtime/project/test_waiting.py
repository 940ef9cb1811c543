"""Plans that wait for a yes, and the words that they were written for."""

from __future__ import annotations

from pathlib import Path

from weft.runtime.project.folders import Project
from weft.runtime.project.harness import read_harness
from weft.runtime.project.waiting import words_of, write_plan

SOURCE = '"""Greet."""\n\n\nasync def main(args):\n    return "hi"\n'


def test_a_plan_has_the_words_that_it_was_written_for_and_no_others(tmp_path: Path) -> None:
    project = Project(tmp_path)
    path = write_plan(project, "greet", SOURCE, {}, "Greet all")
    other = write_plan(project, "greet", SOURCE, {}, "Greet nobody")
    harness = read_harness(path)
    assert [words_of(project, one, harness) for one in (path, other)] == ["Greet all", "Greet nobody"]
    path.with_suffix(".txt").write_text("Greet nobody")
    assert words_of(project, path, harness) is None
    other.write_text(SOURCE.replace("hi", "no"))
    assert words_of(project, other, read_harness(other)) is None


def test_a_harness_elsewhere_has_none_beside_it(tmp_path: Path) -> None:
    project = Project(tmp_path)
    path = write_plan(project, "greet", SOURCE, {}, "Greet all")
    for file in (path, path.with_suffix(".txt")):
        (tmp_path / file.name).write_text(file.read_text())
    assert words_of(project, tmp_path / path.name, read_harness(path)) is None
    assert words_of(project, write_plan(project, "greet", SOURCE, {}), read_harness(path)) is None
