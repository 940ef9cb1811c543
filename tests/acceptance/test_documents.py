"""The examples are what they are said to be. What the author's prompt shows is tested in `runtime/authoring`."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import weft

from weft.linter import lint

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_are_clean(path: Path) -> None:
    assert lint(path.read_text(encoding="utf-8")).findings == ()


def test_the_example_with_a_script_runs_as_described(tmp_path: Path) -> None:
    words = ["--args", '{"files": ["plan.md", "limits.md"]}', "--agents", f"stub:{ROOT / 'examples/hunt-agents.json'}"]
    done = weft(tmp_path, "run", str(ROOT / "examples/hunt.py"), *words, "--virtual-time", "--json")
    assert (done.code, done.json["health"]) == (4, "degraded")
    assert [lost["cause"] for lost in done.json["lost"]] == ["timeout"]
    assert done.json["result"]["seen"] == 3
    told = {name: len(done.json["result"][name]) for name in ("places", "refuted", "undecided", "not_looked")}
    assert told == {"places": 2, "refuted": 1, "undecided": 0, "not_looked": 1}
