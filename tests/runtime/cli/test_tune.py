"""`weft tune`: other words for the prompts of a harness, tried on examples; the harness itself stays as it is."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from command import Done, weft
from hypothesis import given
from hypothesis import strategies as st
from unconfined import without_processes

from weft.runtime.authoring.tuning import Trial, Tuning, Wording
from weft.runtime.authoring.wordings import prompts_in, reworded
from weft.runtime.errors import UsageError
from weft.runtime.project.harness import parse_harness
from weft.runtime.views.tuned import tuned_object, tuned_page

HUNT = '''"""Hunt."""
from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"files": {"type": "array", "items": {"type": "string"}, "maxItems": 5}},
    "required": ["files"],
}
FOUND = {
    "type": "object",
    "properties": {"found": {"type": "array", "maxItems": 5, "items": {"type": "string"}}},
    "required": ["found"],
}
REPORT = "Write a report."


def hunt(file):
    words = f"Look for bugs in {file}."
    return agent(words, schema=FOUND, label=f"hunt {file}")


async def main(args):
    replies = await parallel([hunt(file) for file in args["files"]])
    found = [bug for reply in replies if reply for bug in reply["found"]]
    return {"found": found, "report": await agent(f"{REPORT} Of: {found}")}
'''
STUB: dict[str, Any] = {
    "rules": [
        {"match": {"prompt": "line by line"}, "result": {"found": ["a", "b"]}, "usage": {"input": 100, "output": 10}},
        {"match": {"prompt": "Glance"}, "result": {"found": []}},
        {"match": {"prompt": "Look for"}, "result": {"found": ["a"]}, "usage": {"input": 100, "output": 10}},
    ],
    "default": {"result": "a report"},
}
WORDS = {"line 18": ["Look line by line in {file}.", "Glance at {file}."], "REPORT": ["Report."]}
METRIC = "def metric(result, run):\n    assert run['outcome'] == 'completed'\n    return len(result['found'])\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    without_processes(monkeypatch)
    for name, text in {"hunt.py": HUNT, "good.py": METRIC}.items():
        (tmp_path / name).write_text(text)
    for name, data in {"stub.json": STUB, "words.json": WORDS}.items():
        (tmp_path / name).write_text(json.dumps(data))
    return tmp_path


def tune(folder: Path, *more: str) -> Done:
    return weft(folder, "tune", "hunt.py", "--metric", "good.py", "--agents", "stub:stub.json", *more)


def test_better_words_win_and_the_harness_stays_as_it_is(folder: Path) -> None:
    done = tune(folder, "--wordings", "words.json", "--files", "x.md", "y.md", "--json", "--save", "better")
    assert (done.code, done.json["best"], done.json["cut"]) == (0, "line 18: 1", None)
    assert [(trial["wording"], trial["scores"]) for trial in done.json["trials"]] == [
        ("as it is", [2.0]),
        ("line 18: 1", [4.0]),
        ("line 18: 2", [0.0]),
        ("REPORT: 1", [2.0]),
    ]
    assert (folder / "hunt.py").read_text() == HUNT
    saved = (folder / ".weft/workflows/better.py").read_text()
    assert saved == HUNT.replace('f"Look for bugs in {file}."', "f'Look line by line in {file}.'")


def test_what_is_on_record_is_not_asked_again(folder: Path) -> None:
    for files in (["x.md"], ["y.md", "z.md"]):
        weft(folder, "run", "hunt.py", "--agents", "stub:stub.json", "--files", *files)
    recorded = [run["run"] for run in weft(folder, "runs", "--json").json]
    runs = [word for run in recorded for word in ("--run", run)]
    done = tune(folder, "--wordings", "words.json", *runs, "--json")
    asked = {trial["wording"]: (trial["scores"], trial["agents"]) for trial in done.json["trials"]}
    assert asked == {
        "as it is": ([1.0, 2.0], 0),
        "line 18: 1": ([2.0, 4.0], 5),  # all: the report is of other findings
        "line 18: 2": ([0.0, 0.0], 5),
        "REPORT: 1": ([1.0, 2.0], 2),
    }
    best = done.json["trials"][1]
    assert (best["better"], best["worse"], best["chance"]) == (2, 0, 0.5)
    assert weft(folder, "replay", best["runs"][0]).code == 0


def test_one_ceiling_holds_all_trials(folder: Path) -> None:
    done = tune(folder, "--wordings", "words.json", "--files", "x.md", "--budget-tokens", "150", "--json")
    assert done.code == 5 and done.json["cut"] is not None
    assert sum(trial["tokens"] for trial in done.json["trials"]) <= 150


def test_a_metric_that_fails_later_leaves_the_table(folder: Path) -> None:
    """What was paid for by then is shown, and nothing is saved."""
    (folder / "good.py").write_text(METRIC.replace("return", "return 1 /"))
    more = ("--wordings", "words.json", "--files", "x.md", "y.md", "--save", "digest")
    done = tune(folder, *more)
    assert (done.code, "not all was tried: the metric cannot be used" in done.out) == (2, True)
    assert "as it is" in done.out and "line 18: 1" in done.out and "good.py:3" in done.err
    assert "no longer what has that name" in done.err and not (folder / ".weft/workflows").exists()
    data = tune(folder, *more, "--json").json
    assert [trial["scores"] for trial in data["trials"]] == [[0.5], [0.25], [None]]
    assert data["error"]["type"] == "UsageError" and "metric fails" in data["cut"]


@pytest.mark.parametrize(("tried", "chance", "told"), [(1, 0.03125, "sure: "), (3, 0.09375, "not sure: ")])
def test_the_best_of_many_has_to_be_clearer(tried: int, chance: float, told: str) -> None:
    """Six examples of six are enough for one wording, and not for three of which the best is taken."""
    wording = Wording(parse_harness(HUNT, name="hunt", filename="hunt.py"), prompts_in(HUNT)[0])
    trials = [Trial(wording, [float(number)] * 6, ["run"] * 6) for number in range(tried + 1)]
    tuning = Tuning([], trials)
    assert (tuning.best, tuning.chance, tuned_object(tuning, None)["chance"]) == (trials[-1], chance, chance)
    said = [str(block) for block in tuned_page(tuning) if "chance alone" in str(block)]
    assert len(said) == 1 and said[0].startswith(told) and ("7 examples or more" in said[0]) == (tried == 3)


def test_what_may_cost_needs_a_yes(folder: Path) -> None:
    (folder / "x.md").write_text("nothing\n")
    words = ("tune", "hunt.py", "--metric", "good.py", "--wordings", "words.json", "--files", "x.md")
    paid = ("--model", "anthropic:claude-haiku-4-5", "--budget", "1")
    key = {"ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": "http://127.0.0.1:9"}
    for typed in (None, "n\n"):
        done = weft(folder, *words, *paid, typed=typed, **key)
        assert (done.code, "4 runs; never more than $1.00 together" in done.err) == (3, True)
    assert not (folder / ".weft/runs").exists()
    assert "was paused" in weft(folder, *words, *paid, "--yes", **key).out


def test_words_that_change_nothing_are_no_better(folder: Path) -> None:
    (folder / "words.json").write_text(json.dumps({"REPORT": ["Report."]}))
    done = tune(folder, "--wordings", "words.json", "--files", "x.md", "--save", "better")
    assert "No wording does better than the harness as it is." in done.out
    assert not (folder / ".weft/workflows/better.py").exists()


@pytest.mark.parametrize(
    ("metric", "words", "said"),
    [
        ("def metric(result, run):\n    return float('nan')", WORDS, "which is no number"),
        ("def metric(result, run):\n    return 1 / 0", WORDS, "good.py:2"),
        ("import sys\ndef metric(result, run):\n    sys.exit(0)", WORDS, "good.py:3"),
        ("def metric(result, run):\n    return 10**400", WORDS, "which is no number"),
        ("metric = 3", WORDS, "no function metric"),
        ("def metric(", WORDS, "good.py:1"),
        (METRIC, {"line 18": ["Look."]}, "puts in nothing, the prompt {file}"),
        (METRIC, {"line 18": ["Look in {file} and {other}."]}, "puts in {file}, {other}"),
        (METRIC, {"line 18": ["Look in {file."]}, "cannot be read"),
        (METRIC, {"REPROT": ["Report."]}, "did you mean REPORT"),
        (METRIC, {"REPORT": "Report."}, "a list of texts for each prompt"),
        (METRIC, {}, "a list of texts for each prompt"),
    ],
)
def test_what_cannot_be_used_is_told(folder: Path, metric: str, words: Any, said: str) -> None:
    (folder / "good.py").write_text(metric)
    (folder / "words.json").write_text(json.dumps(words))
    done = tune(folder, "--wordings", "words.json", "--files", "x.md")
    assert done.code == 2
    assert said in done.err


def test_without_words_the_prompts_are_listed(folder: Path) -> None:
    done = tune(folder)
    assert done.code == 2
    assert "line 18  Look for bugs in {file}." in done.err and "REPORT   Write a report." in done.err


def test_a_wording_counts_once_and_so_does_a_run(folder: Path) -> None:
    weft(folder, "run", "hunt.py", "--agents", "stub:stub.json", "--files", "x.md")
    (folder / "good.py").write_text("def metric(result, run):\n    print('hm')\n    return 1\n")
    (folder / "words.json").write_text(json.dumps({"REPORT": ["Report.", "Report.", "Write a report."]}))
    done = tune(folder, "--wordings", "words.json", "--run", "@last", "--run", "@last", "--json")
    assert [(trial["wording"], trial["scores"]) for trial in done.json["trials"]] == [
        ("as it is", [1.0]),
        ("REPORT: 1", [1.0]),
    ]


@pytest.mark.parametrize(
    "text",
    [
        'f"Count {len(x):{len(x)}d} of {x!r}"',
        "f\"{'a' if x != 1 else 'b:c'} or else {x['k']}\"",
        'f\'in {x}: {{braces}} and \\\\ and """\'',
        '"Say {} and {name:>3}".format(x, name=x)',
    ],
)
def test_the_own_words_of_a_prompt_are_the_same_program(text: str) -> None:
    source = f"async def main(args):\n    x = args\n    return await agent({text})\n"
    (prompt,) = prompts_in(source)
    assert ast.dump(ast.parse(reworded(source, prompt, prompt.text))) == ast.dump(ast.parse(source))
    with pytest.raises(UsageError, match="puts in"):
        reworded(source, prompt, "Say nothing of it.")


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_any_words_can_stand_in_a_prompt(words: str) -> None:
    braced = words.replace("{", "{{").replace("}", "}}") + "{file}"
    for prompt in prompts_in(HUNT):
        said = braced if prompt.placeholders else words
        if prompt.placeholders == {"file"} or (not prompt.placeholders and "{" not in words):
            tree = ast.parse(reworded(HUNT, prompt, said))
            constants = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
            assert words in constants
