"""What harnesses are shown is true: the examples, the author's prompt and the harnesses that come with Weft."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path

import pytest
from command import weft
from running import run_source

from weft.linter import RULES, lint
from weft.primitives import __all__ as vocabulary
from weft.primitives.language import MODULES
from weft.runtime.agents.tools import TOOLS

ROOT = Path(__file__).parents[2]
AUTHOR = resources.files("weft.runtime.authoring").joinpath("prompts/author.md").read_text(encoding="utf-8")
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
PROMPT_EXAMPLES = re.findall(r"```python\n(.*?)```\n\n```json\n(.*?)```", AUTHOR, re.S)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_are_clean(path: Path) -> None:
    assert lint(path.read_text(encoding="utf-8")).findings == ()


def test_the_example_with_a_script_runs_as_described(tmp_path: Path) -> None:
    words = ["--args", '{"files": ["plan.md", "limits.md"]}', "--agents", f"stub:{ROOT / 'examples/hunt-agents.json'}"]
    done = weft(tmp_path, "run", str(ROOT / "examples/hunt.py"), *words, "--virtual-time", "--json")
    assert (done.code, done.json["health"]) == (4, "degraded")
    assert [lost["cause"] for lost in done.json["lost"]] == ["timeout"]
    assert done.json["result"]["seen"] == 3
    assert len(done.json["result"]["places"]) == 2


def test_the_author_is_told_every_primitive_module_and_tool_and_only_rules_that_exist() -> None:
    """Of the rules those that decide how a harness is built; of the others the linter tells when one is broken."""
    assert set(re.findall(r"\*\*([A-Z]\d{3})\*\*", AUTHOR)) <= {rule.code for rule in RULES}
    told = {word for found in re.findall(r"[\w.]+", AUTHOR) for word in (found, *found.split("."))}
    assert {name for name in vocabulary if name[0].islower()} - told == set()
    assert set(MODULES) - told == set()
    assert set(TOOLS) - told == set()


@pytest.mark.parametrize("number", range(len(PROMPT_EXAMPLES)))
def test_the_examples_that_the_author_is_shown_are_clean_and_run(number: int, tmp_path: Path) -> None:
    source, args = PROMPT_EXAMPLES[number]
    assert lint(source).findings == ()
    run = run_source(source, tmp_path, args=json.loads(args), stub={"default": {"from_schema": True}})
    assert (run.state.outcome, run.state.health) == ("completed", "clean")


def test_the_author_is_shown_two_examples() -> None:
    assert len(PROMPT_EXAMPLES) == 2
