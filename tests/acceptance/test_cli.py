"""The command line as scripts and people rely on it: what is printed where, exit codes, errors in four parts."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from command import WEFT, Done, environment, weft, weft_process
from greeting import FOUR_PARTS, HELLO, greeting


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    greeting(tmp_path)
    return tmp_path


def stubbed(folder: Path, *words: str) -> Done:
    return weft(folder, "run", *words, "--agents", "stub:stub.json", "--virtual-time")


class TestRun:
    def test_a_file(self, folder: Path) -> None:
        done = stubbed(folder, "hello.py", "--args", '{"names": ["Bo", "Cy"]}', "--json")
        assert done.code == 0, done.err
        assert done.json == {
            "run": done.json["run"],
            "outcome": "completed",
            "health": "clean",
            "result": {"said": ["hi", "hi"]},
            "result_of": {
                "execution": 1,
                "outcome": "completed",
                "health": "clean",
                "agents": {"done": 2, "lost": 0},
            },
            "other_results": [],
            "executions": 1,
            "error": None,
            "agents": {"started": 2, "done": 2, "lost": 0, "cached": 0},
            "models": {"anthropic:claude-sonnet-5-5": 2},
            "coverage": {
                "agents": {"intended": 2, "done": 2, "lost": 0, "cancelled": 0, "cut": 0},
                "host_calls": {"intended": 0, "done": 0, "lost": 0, "cancelled": 0, "cut": 0},
                "fan_outs": done.json["coverage"]["fan_outs"],
                "loops": [],
                "full_lists": [],
                "understood": [],
            },
            "spent": {"input_tokens": 0, "output_tokens": 0, "usd": 0.0},
            "unsettled": {"requests": 0, "input_tokens": 0, "output_tokens": 0, "usd": 0.0},
            "lost": [],
            "questions": [],
            "unanswered": [],
            "wall_s": 3600.0,
        }

    def test_for_people(self, folder: Path) -> None:
        done = stubbed(folder, "hello.py")
        assert done.code == 0
        assert "said: hi" in done.out and "completed, clean" in done.out
        assert "phase   Greet" in done.err  # progress is not data

    def test_arguments_from_a_file(self, folder: Path) -> None:
        (folder / "args.json").write_text('{"names": ["Bo"]}')
        assert stubbed(folder, "hello.py", "--args", "@args.json", "--json").json["agents"]["started"] == 1

    def test_arguments_as_options(self, folder: Path) -> None:
        source = """
ARGS = {"type": "object", "properties": {"names": {"type": "array"}, "how_many": {"type": "integer"},
                                         "loud": {"type": "boolean"}, "more": {"type": "object"}}}
async def main(args):
    return args
"""
        (folder / "options.py").write_text(source)

        def result(*words: str) -> Any:
            return weft(folder, "run", "options.py", *words, "--json").json

        words = ["--names", "Bo", "--names=Di", "--how-many", "2", "--no-loud", "--more", '{"x": [1]}']
        assert result(*words)["result"] == {"names": ["Bo", "Di"], "how_many": 2, "loud": False, "more": {"x": [1]}}
        assert result("--args", '{"how_many": 1, "loud": false}', "--loud")["result"] == {"how_many": 1, "loud": True}
        for wrong in (["--nmes", "Bo"], ["--names"], ["--how-many", "two"], ["stray"]):
            assert result(*wrong)["error"]["type"] == "UsageError"

    def test_a_saved_harness_by_name(self, folder: Path) -> None:
        (folder / ".weft" / "workflows").mkdir(parents=True)
        (folder / ".weft" / "workflows" / "hello.py").write_text(HELLO)
        assert stubbed(folder, "hello", "--json").json["outcome"] == "completed"

    @pytest.mark.slow
    def test_a_task_offline_from_words_to_result(self, folder: Path) -> None:
        """No key, no network, no question: the built-in harness that fits, over the user's files."""
        done = weft(
            folder, "run", "Which of these notes contradict each other about storage?", "--dir", "notes", "--json"
        )
        assert done.code == 0, done.err
        (pair,) = done.json["result"]["contradictions"]
        assert {pair["first"]["source"], pair["second"]["source"]} == {"orca.md", "orca-faq.md"}
        assert "offline: no API key" in done.err
        assert '1  """Which documents, notes or pages' in done.err  # the harness is shown,
        assert re.search(r"…  \d+ more lines: .weft/plans/\S+.py\n", done.err)  # as far as that is of use
        assert "lint      clean" in done.err
        assert "bound     at most" in done.err
        assert re.search(r"rehearsed \d+ runs", done.err)

    @pytest.mark.parametrize("missing", ["nosuch", "notes.mdd", "", "../hello.py"])
    def test_a_file_that_is_not_there_is_a_loss(self, folder: Path, missing: str) -> None:
        args = json.dumps({"question": "What does Atlas keep?", "files": [missing]})
        done = weft(folder, "run", "digest", "--args", args, "--dir", "notes", "--json")
        assert (done.code, [lost["cause"] for lost in done.json["lost"]]) == (4, ["refused"])

    def test_a_degraded_run_has_its_own_exit_code(self, folder: Path) -> None:
        (folder / "stub.json").write_text('{"rules": [{"match": {"label": "Bo"}, "lost": "refused"}]}')
        done = stubbed(folder, "hello.py", "--args", '{"names": ["Bo", "Cy"]}', "--json")
        assert (done.code, done.json["health"]) == (4, "degraded")
        assert [(lost["label"], lost["cause"], lost["phase"]) for lost in done.json["lost"]] == [
            ("greet:Bo", "refused", "Greet")
        ]

    def test_a_paused_run_too(self, folder: Path) -> None:
        done = stubbed(folder, "hello.py", "--args", '{"names": ["Bo", "Cy"]}', "--max-agents", "1", "--json")
        assert (done.code, done.json["outcome"], done.json["error"]["type"]) == (5, "paused", "width")

    def test_an_error_of_the_harness_names_its_line(self, folder: Path) -> None:
        (folder / "hello.py").write_text("async def main(args):\n    rows = {}\n    return rows['missing']\n")
        done = stubbed(folder, "hello.py")
        assert done.code == 1
        assert "hello.py:3: KeyError: 'missing'" in done.out

    def test_it_names_the_file_as_it_was_given_and_what_to_do(self, folder: Path) -> None:
        (folder / "mine").mkdir()
        source = "from weft.primitives import agent\nasync def main(args):\n    return [await agent('x'), 1 / args]\n"
        (folder / "mine" / "sum.py").write_text(source)
        done = stubbed(folder, "mine/sum.py", "--args", "0", "--json")
        error = done.json["error"]
        assert (error["where"], error["meaning"]) == (
            "mine/sum.py:3",
            "the harness ended there; what 1 agent did is kept",
        )
        (folder / "mine" / "sum.py").write_text(source.replace("1 / args", "args"))
        command = error["fix"].partition("then ")[2].partition(" asks")[0].split()[1:]
        again = weft(folder, *command, "--yes", "--json")
        assert (again.code, again.json["agents"]["cached"]) == (0, 1), again.err

    def test_a_file_that_is_no_harness_is_named_with_its_folder(self, folder: Path) -> None:
        (folder / "mine").mkdir()
        (folder / "mine" / "a.md").write_text("no Python")
        assert "where   mine/a.md:1: " in stubbed(folder, "mine/a.md").err

    def test_a_value_that_is_no_json_is_named_with_its_path(self, folder: Path) -> None:
        (folder / "hello.py").write_text("async def main(args):\n    return {'rows': [1, {2}]}\n")
        done = stubbed(folder, "hello.py", "--no-lint", "--json")
        assert done.code == 1
        assert "$.rows[1]: a set is not JSON data" in done.json["error"]["message"]

    def test_a_harness_with_lint_errors_is_refused_and_no_lint_lets_it_run(self, folder: Path) -> None:
        (folder / "hello.py").write_text("import os\nasync def main(args):\n    return 1\n")
        refused = stubbed(folder, "hello.py")
        assert (refused.code, (folder / ".weft").exists()) == (3, False)
        assert "S501" in refused.err and "error: the linter found 1 error" in refused.err
        ran = stubbed(folder, "hello.py", "--no-lint", "--json")
        assert (ran.code, ran.json["error"]["type"]) == (1, "policy")  # the sandbox holds alone


class TestBadInput:
    @pytest.mark.parametrize(
        ("words", "code", "said"),
        [
            (["run", ""], 2, "the task is empty"),
            (["run", "   "], 2, "the task is empty"),
            (["run", "missing.py"], 2, "the harness cannot be read"),
            (["run", "nonsense"], 2, "there is no harness 'nonsense'"),
            (["run", "hello.py", "--args", "{"], 2, "--args is not JSON"),
            (["run", "hello.py", "--args", '{"names": [NaN]}'], 2, "--args is not JSON"),
            (["run", "hello.py", "--args", "[" * 5000 + "]" * 5000], 2, "--args is not JSON"),
            (["run", "hello.py", "--args", '{"names": [1e400]}'], 3, "not JSON data"),
            (["run", "hello.py", "--args", "@missing"], 2, "file of --args cannot be read"),
            (["run", "hello.py", "--args", '{"names": "Bo"}'], 3, "do not fit"),
            (["run", "hello.py", "--args", '"{}"'], 3, "do not fit"),
            (["run", "hello.py", "--model", "nobody:nothing"], 6, "there is no provider 'nobody'"),
            (
                ["run", "hello.py", "--model", "anthropic:claude-sonnet-5-5"],
                6,
                "no credentials for provider 'anthropic'",
            ),
            (["run", "two words", "--model", "anthropic:claude-sonnet-5-5"], 6, "no credentials"),
            (["run", "hello.py", "--dir", "missing"], 2, "the folder cannot be read"),
            (["run", "two words", "--dir", "missing"], 2, "the folder cannot be read"),
            (["run", "hello.py", "--agents", "stub:missing.json"], 2, "stub file cannot be read"),
            (["run", "hello.py", "--agents", "robots"], 2, "--agents takes stub:FILE.json"),
            (["run", "hello.py", "--virtual-time"], 2, "needs simulated agents"),
            (["run", "translate the notes into French"], 3, "takes a model with an API key"),
            (["plan", "delete the notes"], 3, "takes a model with an API key"),
            (["run", "who says so", "--dir", "empty"], 3, "needs 1 or more files"),
            (["plan", ""], 2, "the task is empty"),
            (["plan", "missing.py"], 2, "the harness cannot be read"),
        ],
    )
    def test_is_told_in_four_parts_and_leaves_nothing(
        self, folder: Path, words: list[str], code: int, said: str
    ) -> None:
        before = sorted(folder.rglob("*"))
        done = weft(folder, *words)
        assert done.code == code, done.err
        assert said in done.err
        assert all(part in done.err for part in FOUR_PARTS if part != "  means   ") and "Traceback" not in done.err
        assert done.out == ""
        assert sorted(folder.rglob("*")) == before
        as_json = weft(folder, *words, "--json")
        assert as_json.code == code
        assert as_json.json.get("run") is None and said in as_json.json["error"]["message"]

    @pytest.mark.parametrize(
        "words", [["run", "two words", "--dir"], ["check", "--format"], ["budget", "@last", "--usd"]]
    )
    def test_an_option_without_its_value_leads_to_the_help_of_the_command(self, folder: Path, words: list[str]) -> None:
        done = weft(folder, *words)
        assert done.code == 2
        assert f"{words[-1]!r} requires an argument" in done.err
        assert f"where   weft {words[0]} " in done.err and f"fix     weft {words[0]} --help" in done.err

    def test_a_name_that_many_runs_begin_with_is_too_short(self, folder: Path) -> None:
        for number in range(12):
            (folder / f".weft/runs/2026112{number // 10}-20000{number % 10}-abcd").mkdir(parents=True)
        for command in ("stop", "show", "resume"):
            done = weft(folder, command, "2026")
            assert done.code == 2
            assert "error: 12 runs go by '2026'" in done.err
            assert "fix     give more of the name" in done.err

    @pytest.mark.parametrize(
        ("source", "code", "said"),
        [
            ("async def main(args:\n", 3, "not Python"),
            ("x = 1\n", 3, "no `async def main(args)`"),
            ("ARGS = make()\nasync def main(args):\n    return 1\n", 3, "ARGS must be a literal"),
        ],
    )
    def test_a_file_that_is_no_harness(self, folder: Path, source: str, code: int, said: str) -> None:
        (folder / "hello.py").write_text(source)
        for words in (["run", "hello.py"], ["run", "hello.py", "--no-lint"], ["plan", "hello.py"]):
            done = weft(folder, *words)
            assert (done.code, (folder / ".weft").exists()) == (code, False)
            assert said in done.err

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
    def test_an_unreadable_folder(self, folder: Path) -> None:
        (folder / "notes").chmod(0)
        assert weft(folder, "run", "hello.py", "--dir", "notes").code == 2

    @pytest.mark.parametrize("words", [["run"], ["nonsense"], ["run", "hello.py", "--nonsense"], ["check"]])
    def test_usage(self, folder: Path, words: list[str]) -> None:
        assert weft(folder, *words).code == 2

    def test_a_dollar_budget_needs_a_price(self, folder: Path) -> None:
        done = weft(folder, "run", "hello.py", "--model", "test", "--budget", "1")
        assert done.code == 3
        assert "no price" in done.err


class TestPlan:
    def test_shows_everything_runs_nothing_and_names_many_arguments_by_their_file(self, folder: Path) -> None:
        (folder / "notes" / f"number-{0:0240}.md").write_text("Orca is a whale.\n")
        before = {path.name for path in folder.iterdir()}
        done = weft(folder, "plan", "What does Orca store on disk?", "--dir", "notes")
        assert done.code == 0
        for part in (
            "harness   ",
            "lint      clean",
            "bound     at most",
            "rehearsed ",
            "cost      nothing",
            "may       ",
        ):
            assert part in done.out
        assert {path.name for path in folder.iterdir()} == before | {".weft"}
        assert not (folder / ".weft" / "runs").exists()
        assert len(list((folder / ".weft" / "plans").glob("*.py"))) == 1
        assert "next: weft run .weft/plans/" in done.err
        following, keep = (line.partition(": weft ")[2] for line in done.err.splitlines()[-2:])
        assert " --args @.weft/plans/what-does-orca" in following
        saved = weft(folder, *shlex.split(keep.replace("NAME", "orca")), "--json")
        assert (saved.code, saved.json["saved"]) == (0, str(folder / ".weft/workflows/orca.py"))
        assert len(saved.json["args"]["files"]) == 3 and "async def main" in saved.json["source"]

    def test_it_is_saved_under_a_name_and_runs_with_what_the_author_chose(self, folder: Path) -> None:
        done = weft(folder, "plan", "What does Orca store on disk?", "--dir", "notes", "--save", "orca")
        assert done.code == 0
        assert (folder / ".weft/workflows/orca.py").is_file() and "Saved as .weft/workflows/orca.py" in done.err
        (following,) = (line.removeprefix("next: weft ") for line in done.err.splitlines() if line.startswith("next: "))
        assert following.startswith("run orca --question 'What does Orca store on disk?' --files orca-faq.md orca.md")
        ran = weft(folder, *shlex.split(following), "--json")
        assert ran.json["outcome"] == "completed"
        assert ran.json["result"]["question"] == "What does Orca store on disk?"

    @pytest.mark.parametrize(
        ("name", "code", "said"), [("taken", 3, "another harness"), ("two words", 2, "no name for a harness")]
    )
    def test_a_name_that_cannot_be_is_refused_before_anything_is_spent(
        self, folder: Path, name: str, code: int, said: str
    ) -> None:
        (folder / ".weft/workflows").mkdir(parents=True)
        (folder / ".weft/workflows/taken.py").write_text(HELLO)
        done = weft(folder, "plan", "What does Orca store on disk?", "--save", name)
        assert done.code == code and said in done.err and "round 1" not in done.err
        assert (folder / ".weft/workflows/taken.py").read_text() == HELLO
        assert weft(folder, "plan", "hello.py", "--save", "taken").code == 0  # it is the same

    def test_one_with_errors_is_not_saved(self, folder: Path) -> None:
        (folder / "hello.py").write_text("import os\n" + HELLO)
        assert weft(folder, "plan", "hello.py", "--save", "hello").code == 3
        assert not (folder / ".weft/workflows").exists()

    def test_as_json(self, folder: Path) -> None:
        plan = weft(folder, "plan", "hello.py", "--args", '{"names": ["Bo", "Cy"]}', "--json").json
        assert (plan["bound"], plan["model"]) == (2, "offline")
        assert plan["lint"]["diagnostics"] == []
        assert plan["rehearsal"]["sound"] and plan["never_reached"] == []
        assert (plan["path"], plan["permissions"]["agents_at_most"]) == ("hello.py", 2)
        forecast = plan["forecast"]
        assert forecast["agents"] == {"p10": 2, "p50": 2, "p90": 2, "worst": 2}
        assert (forecast["usd"]["worst"], len(forecast["phases"])) == (0.0, 1)
        assert forecast["basis"].startswith("no earlier run")

    def test_a_priced_model_has_a_forecast(self, folder: Path) -> None:
        done = weft(
            folder, "plan", "hello.py", "--model", "anthropic:claude-sonnet-5-5", "--budget", "3", ANTHROPIC_API_KEY="k"
        )
        assert "about $" in done.out and "never more than $3.00" in done.out

    def test_rehearsal_finds_what_the_linter_cannot(self, folder: Path) -> None:
        (folder / "hello.py").write_text(
            "async def main(args):\n    text = await agent('Give a number.') or '0'\n    return int(text) + 1\n"
        )
        done = weft(folder, "plan", "hello.py")
        assert "broke at line 3" in done.out


class TestLook:
    def test_runs_show_and_replay(self, folder: Path) -> None:
        assert weft(folder, "runs").code == 0
        first = stubbed(folder, "hello.py", "--args", '{"names": ["Bo", "Cy"]}', "--json").json["run"]
        assert first in weft(folder, "runs").out
        assert [run["run"] for run in weft(folder, "runs", "--json").json] == [first]
        shown = weft(folder, "show", first[:-2])
        assert "Greet  2/2" in shown.out and "greet:Bo" in shown.out
        assert weft(folder, "show", "@last", "--json").json["calls"][1]["label"] == "greet:Cy"
        agent = weft(folder, "show", "@last/greet:Bo")
        assert "prompt:\nGreet Bo" in agent.out and "result:\nhi" in agent.out
        assert weft(folder, "show", "@last/1", "--json").json["result"] == "hi"
        replayed = weft(folder, "replay", first, "--json")
        assert (replayed.code, replayed.json["outcome"]) == (0, "reproduced")
        assert replayed.json["result"] == {"said": ["hi", "hi"]}

    def test_an_edited_harness_diverges_with_exit_7(self, folder: Path) -> None:
        stubbed(folder, "hello.py")
        (folder / "hello.py").write_text(HELLO.replace("Greet {name}", "Welcome {name}"))
        done = weft(folder, "replay", "@last", "--script", "hello.py")
        assert done.code == 7
        assert "replay diverged at call 0" in done.err and "different: prompt" in done.err

    @pytest.mark.parametrize("words", [["show", "nothing"], ["show", "@last"], ["replay", "nothing"]])
    def test_what_is_not_there(self, folder: Path, words: list[str]) -> None:
        done = weft(folder, *words)
        assert done.code == 2
        assert "error: there are no runs yet" in done.err
        assert weft(folder, *words, "--json").json["error"]["type"] == "NotFound"

    def test_an_agent_that_is_not_there(self, folder: Path) -> None:
        stubbed(folder, "hello.py")
        assert "no agent 'nobody'" in weft(folder, "show", "@last/nobody").err
        assert "did you mean greet:Ada?" in weft(folder, "show", "@last/Ada").err

    def test_text_of_agents_is_shown_without_what_a_terminal_obeys(self, folder: Path) -> None:
        (folder / "stub.json").write_text(json.dumps({"default": {"result": "\x1b[31mred\x1b[0m\u202e"}}))
        done = stubbed(folder, "hello.py")
        for out in (done.out, weft(folder, "show", "@last/0").out):
            assert "\x1b" not in out and "\u202e" not in out
            assert "red" in out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--help"], 0),
        (["check", "hello.py"], 0),
        (["run", "hello.py", "--agents", "stub:stub.json", "--virtual-time"], 0),
        (["run", "hello.py", "--names", "Bo", "--agents", "stub:stub.json", "--virtual-time", "--json"], 0),
        (["run", "nobody"], 2),
        (["run", "hello.py", "--budget", "none"], 2),
        (["show", "@last"], 2),
    ],
)
def test_a_process_of_its_own_says_what_is_said_in_this_one(folder: Path, words: list[str], code: int) -> None:
    """Other tests here run the command in their own process, which is quicker."""
    said = [weft(folder, *words), weft_process(folder, *words)]
    assert [done.code for done in said] == [code, code]
    alike = [re.sub(r"\d{8}-\d{6}-\w{4}|(?<=wall_s\": )[\d.]+", "…", done.out + done.err) for done in said]
    assert alike[0] == alike[1]


def test_a_reader_that_has_seen_enough_is_no_error(folder: Path) -> None:
    command = f"{WEFT} run hello.py --agents stub:stub.json --virtual-time | head -1"
    done = subprocess.run(
        command, shell=True, cwd=folder, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert "Traceback" not in done.stderr and "BrokenPipe" not in done.stderr


@pytest.mark.parametrize("words", [["--help"], ["run", "hello.py", "--agents", "stub:stub.json", "--virtual-time"]])
def test_output_that_cannot_be_written_is_an_error(folder: Path, words: list[str]) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [WEFT, *words], cwd=folder, env=environment(), stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert "error: the output cannot be written: No space left on device" in done.stderr


def test_fixes_are_shown_and_leave_the_rest_of_a_file_as_it_is(folder: Path) -> None:
    source = b"from weft.primitives import agnt\r\nasync def main(args):\r\n    return await agnt('hi')  # one\r\n"
    (folder / "typo.py").write_bytes(source)
    done = weft(folder, "check", "--fix", "typo.py")
    assert done.code == 0
    assert "-from weft.primitives import agnt\n+from weft.primitives import agent as agnt\n" in done.err
    assert (folder / "typo.py").read_bytes() == source.replace(b"import agnt", b"import agent as agnt")


def test_help_lists_the_commands(tmp_path: Path) -> None:
    done = weft(tmp_path, "--help")
    assert done.code == 0
    for command in ("run", "plan", "check", "runs", "show", "replay"):
        assert f"  {command} " in done.out
    assert weft(tmp_path, "--version").code == 0
