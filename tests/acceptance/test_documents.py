"""What the documents show is true: the examples, the README, the author's prompt and the built-in harnesses."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from command import weft
from running import run_source

from weft.linter import RULES, lint, render
from weft.primitives import __all__ as vocabulary
from weft.primitives.language import MODULES
from weft.runtime.agents.stub import Script
from weft.runtime.agents.tools import TOOLS
from weft.runtime.cli.commands import COMMANDS
from weft.runtime.project.config import read_config
from weft.runtime.settings import FLAGS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
AUTHOR = resources.files("weft.runtime.authoring").joinpath("prompts/author.md").read_text(encoding="utf-8")
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
PROMPT_EXAMPLES = re.findall(r"```python\n(.*?)```\n\n```json\n(.*?)```", AUTHOR, re.S)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_are_clean(path: Path) -> None:
    assert lint(path.read_text(encoding="utf-8")).findings == ()


def test_the_readme_shows_the_example_and_what_is_proved_about_it() -> None:
    source = (ROOT / "examples/promises.py").read_text(encoding="utf-8")
    assert source in README
    assert render(lint(source), source, "examples/promises.py", "text") in README


def test_the_python_of_the_readme_does_what_it_says(tmp_path: Path) -> None:
    (code,) = (code for code in re.findall(r"```python\n(.*?)```", README, re.S) if "anyio.run" in code)
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == code.rpartition("  # ")[2]


def test_the_tables_of_the_readme_are_read(tmp_path: Path) -> None:
    (table,) = re.findall(r"```toml\n(.*?)```", README, re.S)
    (tmp_path / "weft.toml").write_text(table, encoding="utf-8")
    assert read_config(tmp_path).profiles.keys() == {"reader"}
    (script,) = re.findall(r"```json\n(.*?)```", README, re.S)
    assert len(Script.model_validate_json(script).rules) == 2


def test_the_readme_names_every_command_and_every_option_of_a_run() -> None:
    named = {word for row in re.findall(r"`weft ([^`\s]+)", README) for word in row.replace("\\|", "|").split("|")}
    assert COMMANDS.keys() - named == set()
    assert {flag.name for flag in FLAGS.values() if f"`{flag.name}" not in README} == set()


def paths(text: str) -> Iterator[str]:
    """Yield the paths that a document names; `linter/…/x` stands for `linter/weft/linter/x`."""
    for path in re.findall(r"`((?:primitives|linter|sandbox|runtime|tests|examples|bench)/[^`*A-Z]*)`", text):
        folder, _, rest = path.partition("/…/")
        yield f"{folder}/weft/{folder}/{rest}" if rest or path.endswith("/…/") else path


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_what_a_document_points_to_is_there(document: str) -> None:
    named = set(paths((ROOT / document).read_text(encoding="utf-8")))
    assert len(named) > 5
    assert {path for path in named if not (ROOT / path).exists()} == set()


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
