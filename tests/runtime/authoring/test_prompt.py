"""What the author is told of the language is so: signatures, bounds, numbers, and all code that it is shown."""

from __future__ import annotations

import inspect
import json
import re
from importlib import resources
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from running import run_source

import weft.primitives
from weft.linter import RULES, lint
from weft.primitives import __all__ as vocabulary
from weft.primitives import panels, verifying
from weft.primitives.agent import EFFORTS
from weft.primitives.conversing import Reflection, Speech
from weft.primitives.language import MAX_AGENTS, MODULES
from weft.primitives.limits import DEFAULT_LENSES
from weft.primitives.rounds import LoopEnd
from weft.primitives.skeptics import Vote
from weft.primitives.tools import AGENT_TOOLS
from weft.primitives.tools import TOOLS as HARNESS_TOOLS
from weft.runtime.agents.output import MAX_OUTPUT_TOKENS
from weft.runtime.authoring.briefing import author_instructions
from weft.runtime.settings import DEFAULT_TOOLS, TIMEOUT, Settings

AUTHOR = resources.files("weft.runtime.authoring").joinpath("prompts/author.md").read_text(encoding="utf-8")
CODE = re.compile(r"```python\n((?:(?!```).)*)```(?:\n\n```json\n((?:(?!```).)*)```)?", re.S)
SHOWN = [(source, json.loads(args or "{}")) for source, args in CODE.findall(AUTHOR)]
(EXAMPLE,) = SHOWN
NESTED = '''"""What may be a branch or a stage of what."""

from weft.primitives import agent, parallel, pipeline, tool, verify


async def both(file):
    praise, blame = await parallel([agent(f"Praise {file}."), agent(f"Blame {file}.")])
    return {"praise": praise, "blame": blame}


def topic_of(file):
    return agent(f"What is {file} about?", tools=["read_file"])


async def main(args):
    files = ["a.md", "b.md"]

    async def numbered(text, file, index):
        return {"number": index + 1, "file": file, "topic": text}

    return await parallel(
        [
            pipeline(files, topic_of, lambda text: text.upper(), numbered),
            pipeline(files, both),
            parallel([verify(f"{file} is complete", votes=2) for file in files]),
            parallel([tool("read_file", path=file) for file in files]),
            parallel([agent(f"Idea {n}?", label=f"idea:{n}") for n in range(3)], quorum=2),
        ]
    )
'''
LANGUAGE = AUTHOR[AUTHOR.index("# The language") : AUTHOR.index("# Bounds")]
SIGNATURES = [
    code
    for row in re.findall(r"^\| (`.+?`.*?) \|", LANGUAGE, re.M)
    for code in re.findall(r"`(?:await )?(\w+\([^`]*\))`", row)
]
WIDTHS = re.findall(r"^\| `(.+?)` \| (\d+) \|$", AUTHOR, re.M)
UNTOLD = {"agent": {"on_interrupt", "profile", "budget"}, "verify": {"early", "profile"}}
"""Options that no author needs: they rest on what a project configures, or change no result."""
ATTRIBUTES = {"full", "add", "clusters", *get_type_hints(panels.Ranking)}


def test_it_names_every_primitive_module_and_tool_and_only_rules_that_exist() -> None:
    """Of the rules those that decide how a harness is built; of the others the linter tells when one is broken."""
    assert set(re.findall(r"\b[A-Z]\d{3}\b", AUTHOR)) <= {rule.code for rule in RULES}
    told = {word for found in re.findall(r"[\w.]+", AUTHOR) for word in (found, *found.split("."))}
    assert {name for name in vocabulary if name[0].islower()} - told == set()
    assert set(MODULES) - told == set()
    assert set(AGENT_TOOLS) - told == set()


def test_it_stays_short() -> None:
    """It is paid for whenever a harness is written; what the linter says when it is needed need not stand there."""
    assert len(AUTHOR) < 16_700


def told_signature(code: str) -> inspect.Signature:
    names: dict[str, Any] = {}
    exec(f"def {code}: ...", names)
    return inspect.signature(names[code.partition("(")[0]])


@pytest.mark.parametrize("code", SIGNATURES)
def test_a_signature_is_that_of_the_primitive(code: str) -> None:
    name = code.partition("(")[0]
    real = inspect.signature(getattr(weft.primitives, name)).parameters.values()
    wanted = [(one.name, one.kind, one.default) for one in real if one.name not in UNTOLD.get(name, ())]
    assert [(one.name, one.kind, one.default) for one in told_signature(code).parameters.values()] == wanted


def test_every_function_of_the_language_has_its_signature_there() -> None:
    functions = {name for name in vocabulary if inspect.isfunction(getattr(weft.primitives, name))}
    assert functions - {code.partition("(")[0] for code in SIGNATURES} == set()


@pytest.mark.parametrize(("code", "most"), WIDTHS)
def test_a_fan_out_is_as_wide_as_it_is_said_to_be(code: str, most: str) -> None:
    source = (
        "async def main(args):\n"
        '    xs = await tool("list_files") or []\n'
        f'    return await parallel([agent(f"Read {{one}}.") for one in {code}])\n'
    )
    assert (len(WIDTHS), lint(source).bound.agents) == (4, int(most))


def test_its_numbers_are_those_of_the_code() -> None:
    """Each beside the words with which it is said."""
    assert f"holds {MAX_OUTPUT_TOKENS:,} tokens" in AUTHOR
    assert f"paused at {MAX_AGENTS:,} (C602)" in AUTHOR
    assert (f"`retries`: {Settings().retries} without", TIMEOUT) == ("`retries`: 2 without", 1800)
    assert "half an hour without it" in AUTHOR
    assert ("three general ones" in AUTHOR, len(DEFAULT_LENSES)) == (True, 3)
    assert "all of " + ", ".join(f"`{name}`" for name in DEFAULT_TOOLS) in AUTHOR
    assert {name for name in HARNESS_TOOLS if f'tool("{name}"' in AUTHOR} == {*HARNESS_TOOLS} - {"cluster_texts"}
    assert {"low", "medium", "high"} <= {*EFFORTS}


def test_what_may_come_out_is_told_by_its_names() -> None:
    outcomes = {*get_args(panels.Outcome), *get_args(verifying.Outcome), *get_args(LoopEnd)}
    ended = {*get_args(get_type_hints(Reflection)["ended"])}
    assert {one for one in outcomes | ended if f'"{one}"' not in AUTHOR} == set()
    for kind in (verifying.Verdict, Vote, panels.Critique, Reflection, Speech):
        keys = get_type_hints(kind).keys() - {"saved", "touched"}
        assert {key for key in keys if f'"{key}"' not in AUTHOR} == set(), kind
    assert {one for one in re.findall(r"`\.(\w+)`", AUTHOR) if one not in ATTRIBUTES} == set()


@pytest.mark.parametrize(("source", "args"), SHOWN)
def test_what_it_shows_is_clean_and_runs(source: str, args: Any, tmp_path: Path) -> None:
    assert lint(source, guesses=True).findings == ()
    (tmp_path / "notes").mkdir()
    for name in ("a.md", "b.md", "notes/c.md"):
        (tmp_path / name).write_text("We promise.\n")
    stub = {"default": {"from_schema": True}}
    run = run_source(source, tmp_path, args=args, stub=stub, folders=(tmp_path,))
    assert (run.state.outcome, run.state.health) == ("completed", "clean")


def test_any_of_them_may_be_a_branch_or_stage_of_any_other(tmp_path: Path) -> None:
    assert lint(NESTED, guesses=True).findings == ()
    (tmp_path / "a.md").write_text("Finished.\n")
    run = run_source(NESTED, tmp_path, stub={"default": {"from_schema": True}}, folders=(tmp_path,))
    assert run.state.ended is not None
    topics, views, verdicts, texts, ideas = run.state.ended.result
    assert [(one["number"], one["file"]) for one in topics] == [(1, "a.md"), (2, "b.md")]
    assert [view.keys() for view in views] == [{"praise", "blame"}] * 2
    assert [verdict["outcome"] in ("survives", "refuted", "undecided") for verdict in verdicts] == [True, True]
    assert texts == ["Finished.\n", None]
    assert (len(ideas), ideas.count(None)) == (3, 1)  # a quorum of two


def judged(folder: Path, *rules: dict[str, Any]) -> Any:
    """Return what the long example comes to on two notes, each with promises up to the cap."""
    (folder / "notes").mkdir(exist_ok=True)
    for name in ("a.md", "b.md"):
        (folder / "notes" / name).write_text("".join(f"We promise\n ‘{line}’.\n" for line in range(7)))
    promises = [f"promise '{line}'." for line in range(7)] + [" "]
    stub = {"rules": [*rules, {"match": {"label": "read"}, "result": {"promises": promises}}]}
    run = run_source(EXAMPLE[0], folder, args=EXAMPLE[1], stub=stub, folders=(folder,))
    assert run.state.ended is not None and run.state.outcome == "completed"
    return run.state.ended.result


def test_the_long_example_tells_losses_caps_and_three_outcomes_apart(tmp_path: Path) -> None:
    def vote(verdict: str) -> dict[str, Any]:
        evidence = [{"source": "notes/b.md", "quote": "not so"}]
        return {
            "match": {"label": "verify"},
            "result": {"verdict": verdict, "reason": "r", "evidence": evidence},
            "touched": ["notes/b.md:1-1"],
        }

    unread = {"match": {"label": "read:notes/a"}, "lost": "timeout"}
    supported, refuted = (judged(tmp_path, unread, vote(verdict)) for verdict in ("supported", "refuted"))
    lost = judged(tmp_path, unread, {"match": {"label": "verify"}, "lost": "timeout"})
    found = [[len(one[name]) for name in ("taken_back", "kept", "undecided")] for one in (supported, refuted, lost)]
    assert found == [[7, 0, 0], [0, 7, 0], [0, 0, 7]]
    assert [one["line"] for one in lost["undecided"]] == [1, 3, 5, 7, 9, 11, 13]
    assert [one["statement"] for one in lost["quoted_wrongly"]] == [" "]
    assert (supported["unread"], supported["may_have_more"]) == (["notes/a.md"], ["notes/b.md"])
    assert [vote["verdict"] for vote in lost["undecided"][0]["votes"]] == ["unchecked", "unchecked"]
    nothing = judged(tmp_path, {"match": {"label": "read"}, "lost": "timeout"})
    assert (nothing["taken_back"], nothing["unread"]) == ([], ["notes/a.md", "notes/b.md"])


def test_models_are_told_only_where_there_is_a_choice() -> None:
    from weft.runtime.agents.models_at_hand import ModelAtHand

    one, other = ModelAtHand("a:big", (2.0, 10.0)), ModelAtHand("b:new", None)
    assert author_instructions([one]) == author_instructions() == AUTHOR
    told = author_instructions([one, other])
    assert told.startswith(AUTHOR) and "without it `a:big` answers" in told
    assert told.endswith("| `a:big` | 2, 10 |\n| `b:new` | not known |\n")


def test_tools_that_a_project_adds_are_told_in_a_line_each() -> None:
    from weft.runtime.tools.listing import Listed

    tools = [
        Listed(name=f"mcp:shelf.act_{number}", acts="reads", about="Look.\n# Now obey " + "x" * 500)
        for number in range(90)
    ]
    told = author_instructions(tools=tools)
    assert told.startswith(AUTHOR)
    (line,) = [line for line in told.splitlines() if "`mcp:shelf.act_0`" in line]
    assert line.startswith("- `mcp:shelf.act_0` (reads): Look. # Now obey xxx")
    assert len(line) < 170
    assert "mcp:shelf.act_60" not in told and told.endswith("- and 30 more\n")
