"""`weft resume`, `why`, `diff`, and looking at runs that were killed: as scripts and people rely on it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest
from command import Done, environment, weft
from forked import Weft
from live import interrupt
from openai_server import listed, say, serving_locally
from waiting import until

from weft.runtime.journal.store import SCHEMA_VERSION

HARNESS = '''"""Greet everybody, then sum up."""
from weft.primitives import agent, parallel, phase

ARGS = {"type": "object", "properties": {"names": {"type": "array", "items": {"type": "string"}, "maxItems": 9}}}


async def greet(name):
    return await agent(f"Greet {name}", label=f"greet:{name}")


async def main(args):
    phase("Greet")
    replies = await parallel([greet(name) for name in args["names"]])
    phase("Sum")
    return {"said": list(replies), "sum": await agent(f"Sum up {list(replies)}", label="sum")}
'''
NAMES = '{"names": ["Ada", "Bo", "Cy"]}'
USAGE = {"input": 1000, "output": 100}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "greet.py").write_text(HARNESS)
    script(tmp_path)
    return tmp_path


def script(folder: Path, *rules: dict[str, Any], **default: Any) -> None:
    """Write what agents answer."""
    whole = {"rules": rules, "default": {"result": "hi", "usage": USAGE, **default}}
    (folder / "stub.json").write_text(json.dumps(whole))


def lose(name: str) -> dict[str, Any]:
    return {"match": {"label": name}, "lost": "refused", "usage": USAGE}


def begin(folder: Path, *words: str) -> Done:
    options = ("--agents", "stub:stub.json", "--virtual-time", "--args", NAMES)
    return weft(folder, "run", "greet.py", *options, *words, "--json")


def labels(calls: list[dict[str, Any]]) -> list[str]:
    return [call["label"] for call in calls]


class TestResume:
    def test_from_a_loss_to_a_clean_end(self, folder: Path) -> None:
        """Bill, resume, why and diff of one run that lost an agent."""
        script(folder, lose("Bo"))
        first = begin(folder)
        assert (first.code, first.json["health"]) == (4, "degraded")
        run, price = first.json["run"], first.json["spent"]["usd"] / 4
        assert price > 0
        script(folder)

        planned = weft(folder, "resume", run, "--plan")
        assert planned.code == 0, planned.err
        plan = planned.json
        assert plan["run"] == run
        assert labels(plan["reused"]) == ["greet:Ada", "greet:Cy"]
        assert [(ask["label"], ask["reason"], ask["fields"]) for ask in plan["asked"]] == [
            ("greet:Bo", "lost", []),
            ("sum", "changed", ["prompt"]),
        ]
        assert labels(plan["orphaned"]) == plan["undecided"] == []
        assert plan["saved"]["usd"] == pytest.approx(2 * price)
        assert plan["spent"]["usd"] == pytest.approx(4 * price)
        assert plan["unsettled"] == first.json["unsettled"] == {"requests": 0, **dict.fromkeys(plan["spent"], 0)}
        assert plan["usd"] == pytest.approx([2 * price] * 2)
        assert weft(folder, "show", run, "--json").json["health"] == "degraded"  # nothing has happened yet

        done = weft(folder, "resume", "@last", "--json")
        assert done.code == 0, done.err
        assert done.json["result"] == {"said": ["hi", "hi", "hi"], "sum": "hi"}
        assert done.json["agents"] == {"started": 2, "done": 4, "lost": 0, "cached": 2}
        assert done.json["spent"]["usd"] == pytest.approx(6 * price, abs=1e-6)
        assert (done.json["run"], done.json["lost"]) == (run, [])
        assert "from the journal  2  answered before" in done.err
        assert "nobody is paid: agents are answered by stub.json" in done.err
        assert "lost last time (refused): greet:Bo" in done.err and "its input changed: sum (prompt)" in done.err

        because = weft(folder, "why", f"{run}/greet:Bo", "--json").json
        assert (because["reason"], because["reused"], because["lost"]["cause"]) == ("lost", False, "refused")
        assert weft(folder, "why", f"{run}/greet:Ada", "--json").json["reused"] is True
        words = weft(folder, "why", f"{run}/sum").out
        assert "its input changed: prompt" in words
        assert "before  Sum up ['hi', None, 'hi']" in words and "now     Sum up ['hi', 'hi', 'hi']" in words

        other = begin(folder, "--args", '{"names": ["Ada"]}').json["run"]
        differ = weft(folder, "diff", run, other, "--json").json
        assert (differ["before"]["run"], differ["now"]["run"], differ["identical"]) == (run, other, 1)
        assert {"place": "$.said[1]", "before": "hi"} in differ["results"]
        same = weft(folder, "diff", run, run)
        assert "4 identical calls, 0 others" in same.out and "same result" in same.out

        refused = weft(folder, "resume", run, "--json")
        assert (refused.code, refused.json["outcome"], refused.json["error"]["type"]) == (3, "refused", "Refused")
        assert weft(folder, "replay", run).code == 0

    def test_an_edited_harness(self, folder: Path) -> None:
        begin(folder)
        edited = HARNESS.replace('"Greet {name}", label=f"greet:{name}"', '"Greet {name}", label=f"hello:{name}"')
        edited = edited.replace('"Sum up {list(replies)}"', '"Count {list(replies)}"').replace(
            "    return {", "    await agent('Take a bow', label='bow')\n    return {"
        )
        edited = edited.replace('for name in args["names"]', 'for name in args["names"][:2]')
        (folder / "edited.py").write_text(edited)
        plan = weft(folder, "resume", "@last", "--script", "edited.py", "--plan").json
        assert labels(plan["reused"]) == ["greet:Ada", "greet:Bo"]  # renamed, and the same calls
        asked = {ask["label"]: (ask["reason"], ask["fields"]) for ask in plan["asked"]}
        assert asked == {"bow": ("new", []), "sum": ("changed", ["prompt"])}
        assert labels(plan["orphaned"]) == ["greet:Cy"]
        done = weft(folder, "resume", "@last", "--script", "edited.py", "--yes", "--json")
        assert (done.code, done.json["agents"]["cached"]) == (0, 2), done.err
        (run,) = (folder / ".weft" / "runs").iterdir()
        assert (run / "harness.py").read_text() == edited
        assert weft(folder, "replay", "@last").code == 0
        assert weft(folder, "why", "@last/bow", "--json").json["reason"] == "new"

    def test_ceilings_that_were_reached_are_raised_by_hand(self, folder: Path) -> None:
        tokens = 2 * (USAGE["input"] + USAGE["output"])
        first = begin(folder, "--budget-tokens", str(tokens), "--concurrency", "1")
        assert (first.code, first.json["error"]["type"]) == (5, "budget")
        again = weft(folder, "resume", "@last", "--json")
        assert (again.code, again.json["agents"]["started"]) == (5, 0)
        plan = weft(folder, "resume", "@last", "--plan", "--budget-tokens", "90000").json
        assert {ask["reason"] for ask in plan["asked"]} == {"waiting", "new"}
        assert plan["budget"] == {"tokens": 90000, "usd": None}
        done = weft(folder, "resume", "@last", "--budget-tokens", "90000", "--json")
        assert (done.code, done.json["spent"]["input_tokens"]) == (0, 4 * USAGE["input"])
        assert done.json["agents"] == {"started": 2, "done": 4, "lost": 0, "cached": 2}


class TestRefused:
    """What cannot be resumed: told in four parts, nothing changed."""

    def check(self, folder: Path, words: list[str], code: int, kind: str, said: str) -> Done:
        def contents() -> dict[Path, bytes]:
            return {path: path.read_bytes() for path in (folder / ".weft").rglob("run.db")}

        before = contents()
        done = weft(folder, *words)
        assert done.code == code, done.err
        assert done.out == "" and "Traceback" not in done.err
        assert f"error: {said}" in done.err.replace("\n", " ") or said in done.err
        assert "  fix     " in done.err
        as_json = weft(folder, *words, "--json")
        assert (as_json.code, as_json.json["error"]["type"]) == (code, kind)
        assert contents() == before
        return done

    def test_a_model_without_a_price_before_anybody_is_asked_for_a_yes(self, folder: Path) -> None:
        script(folder, lose("Bo"))
        begin(folder)
        words = ["resume", "@last", "--model", "nobody:else", "--budget", "1"]
        done = self.check(folder, words, 3, "Refused", "model 'nobody:else' has no price")
        assert "to be asked" not in done.err

    def test_what_is_not_there(self, folder: Path) -> None:
        self.check(folder, ["resume", "nothing"], 2, "NotFound", "there are no runs yet")
        begin(folder)
        self.check(folder, ["resume", "nothing"], 2, "NotFound", "no run goes by 'nothing'")
        self.check(folder, ["why", "@last"], 2, "UsageError", "'@last' names no agent")
        self.check(folder, ["why", "@last/nobody"], 2, "NotFound", "no agent 'nobody'")
        self.check(folder, ["diff", "@last", "nothing"], 2, "NotFound", "no run goes by 'nothing'")

    def test_a_harness_that_cannot_be(self, folder: Path) -> None:
        begin(folder)
        (folder / "typo.py").write_text(HARNESS.replace("async def main(args):", "async def main(args:"))
        (folder / "wants.py").write_text(HARNESS.replace('"type": "object",', '"type": "object", "required": ["x"],'))
        resume = ["resume", "@last", "--script"]
        self.check(folder, [*resume, "missing.py"], 2, "NotFound", "the harness cannot be read")
        self.check(folder, [*resume, "typo.py"], 3, "Refused", "not Python")
        self.check(folder, [*resume, "wants.py"], 3, "Refused", "do not fit")
        self.check(folder, [*resume, "wants.py", "--plan"], 3, "Refused", "do not fit")
        assert weft(folder, "resume", "@last", "--interrupted", "perhaps").code == 2

    def test_a_damaged_journal_and_one_of_a_later_version(self, folder: Path) -> None:
        script(folder, lose("Bo"))
        fine = begin(folder).json["run"]
        broken = begin(folder).json["run"]
        journal = folder / ".weft" / "runs" / broken / "run.db"
        with sqlite3.connect(journal) as database:
            database.execute("PRAGMA user_version = 99")
        database.close()
        self.check(folder, ["resume", broken], 1, "JournalError", f"version 99, this weft reads up to {SCHEMA_VERSION}")
        journal.write_bytes(journal.read_bytes()[:9000])
        self.check(folder, ["resume", broken], 1, "JournalError", "the journal")
        listed = weft(folder, "runs", "--json")
        assert [run["run"] for run in listed.json] == [fine] and broken in listed.err
        assert weft(folder, "show", fine).code == 0
        assert weft(folder, "show", broken).code == 1
        script(folder)
        assert weft(folder, "resume", fine, "--json").code == 0


PAYING = """
from weft.primitives import agent, parallel


async def main(args):
    jobs = [agent("Look around", label="look"), agent("Pay the bill", label="pay", on_interrupt="ask")]
    return [*await parallel(jobs), await agent("Say goodbye", label="bye")]
"""


class TestInterrupted:
    def start(self, folder: Path, *words: str) -> subprocess.Popen[str]:
        """Start a command."""
        return Weft(
            [*words, "--json"],
            cwd=folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def until(self, folder: Path, done: int, running: int) -> None:
        def so() -> bool:
            shown = weft(folder, "show", "@last", "--json")
            states = [call["state"] for call in shown.json.get("calls", [])] if shown.code == 0 else []
            return (states.count("done"), states.count("running")) == (done, running)

        until(so)

    def killed(self, folder: Path) -> str:
        (folder / "pay.py").write_text(PAYING)
        script(folder, {"match": {"label": "pay"}, "result": "paid", "latency": 3600})
        process = self.start(folder, "run", "pay.py", "--agents", "stub:stub.json")
        self.until(folder, 1, 1)
        held = weft(folder, "resume", "@last", "--json")
        assert (held.code, held.json["error"]["type"]) == (3, "RunLocked")
        assert f"process {process.pid} on " in held.json["error"]["message"]
        assert weft(folder, "runs", "--json").json[0]["outcome"] == "running"
        process.kill()
        process.communicate()
        run: str = weft(folder, "runs", "--json").json[0]["run"]
        return run

    @pytest.mark.slow
    def test_killed_it_is_shown_so_and_agents_with_effects_wait_for_a_decision(self, folder: Path) -> None:
        run = self.killed(folder)
        assert weft(folder, "runs", "--json").json[0]["outcome"] == "killed"
        assert "killed" in weft(folder, "runs").out
        shown = weft(folder, "show", run)
        assert shown.code == 0 and f"go on   weft resume {run}" in shown.out
        assert weft(folder, "replay", run).code == 0

        plan = weft(folder, "resume", run, "--plan").json
        assert labels(plan["undecided"]) == ["pay"]
        undecided = weft(folder, "resume", run, "--yes", "--json")
        assert (undecided.code, undecided.json["error"]["type"]) == (3, "Refused")
        assert undecided.json["error"]["where"] == "pay"
        assert f"weft resume {run} --interrupted rerun" in undecided.json["error"]["fix"]
        script(folder)
        done = weft(folder, "resume", run, "--interrupted", "skip", "--json")
        assert (done.code, done.json["result"]) == (4, ["hi", None, "hi"])
        assert [(lost["label"], lost["cause"]) for lost in done.json["lost"]] == [("pay", "stopped")]
        again = weft(folder, "resume", run, "--json")
        assert (again.code, again.json["error"]["type"]) == (3, "Refused")
        paid = weft(folder, "resume", run, "--interrupted", "rerun", "--json")
        assert (paid.code, paid.json["result"], paid.json["agents"]["cached"]) == (0, ["hi", "hi", "hi"], 2)

    @pytest.mark.slow
    @pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
    def test_a_resume_is_interrupted_like_a_run(self, folder: Path, kind: signal.Signals) -> None:
        (folder / "pay.py").write_text(PAYING.replace(', on_interrupt="ask"', ""))
        script(folder, lose("pay"))
        assert weft(folder, "run", "pay.py", "--agents", "stub:stub.json").code == 4
        script(folder, {"match": {"label": "pay"}, "result": "paid", "latency": 3600})
        process = self.start(folder, "resume", "@last")
        self.until(folder, 1, 1)
        interrupt(process, kind)
        interrupt(process, kind)
        out, _ = process.communicate(timeout=60)
        assert (process.returncode, json.loads(out)["outcome"]) == (130, "paused")
        script(folder)
        done = weft(folder, "resume", "@last", "--json")
        assert (done.code, done.json["result"], done.json["agents"]["cached"]) == (0, ["hi", "hi", "hi"], 2)


class TestReplay:
    def test_of_a_folder_that_was_copied_elsewhere_with_everything_else_gone(self, folder: Path) -> None:
        script(folder, lose("Bo"))
        run = begin(folder, "--model", "anthropic:claude-sonnet-5-5").json["run"]
        elsewhere = folder / "elsewhere"
        shutil.copytree(folder / ".weft" / "runs" / run, elsewhere / ".weft" / "runs" / run)
        for name in ("stub.json", "greet.py", ".weft"):
            path = folder / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        done = weft(elsewhere, "replay", run, "--json")
        assert (done.code, done.json["complete"], done.json["result"]["said"]) == (0, True, ["hi", None, "hi"])
        # What a resume needs it names, and only then.
        needs = weft(elsewhere, "resume", run, "--json")
        assert (needs.code, needs.json["error"]["message"]) == (
            2,
            "the stub file cannot be read: No such file or directory",
        )

    def test_divergence_shows_both_sides_the_line_and_the_cause(self, folder: Path) -> None:
        begin(folder)
        (folder / "greet.py").write_text(HARNESS.replace('"Greet {name}"', '"Salute {name}"'))
        done = weft(folder, "replay", "@last", "--script", "greet.py")
        assert done.code == 7
        lines = [line.strip() for line in done.err.splitlines()]
        assert "error: replay diverged at call 0" in lines
        assert "where   recorded  agent 'greet:Ada' at /0.0, line 8" in lines
        assert "now       agent 'greet:Ada' at /0.0   line 8" in lines
        assert lines[3:6] == ["prompt", "recorded  Greet Ada", "now       Salute Ada"]
        assert any("different: prompt; the harness is not the recorded one" in line for line in lines)
        assert weft(folder, "replay", "@last", "--script", "greet.py", "--json").json["error"]["type"] == "Diverged"

    def test_the_recorded_harness_is_replayed_whatever_became_of_the_file(self, folder: Path) -> None:
        begin(folder)
        (run,) = (folder / ".weft" / "runs").iterdir()
        (run / "harness.py").write_text("async def main(args):\n    return 'edited'\n")
        assert weft(folder, "replay", "@last").code == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_run_that_may_not_be_written_is_refused(folder: Path) -> None:
    script(folder, lose("Bo"))
    begin(folder)
    (run,) = (folder / ".weft" / "runs").iterdir()
    for path in (*run.iterdir(), run):
        path.chmod(path.stat().st_mode & ~0o222)
    done = weft(folder, "resume", "@last", "--yes")
    assert (done.code, "the journal cannot be used" in done.err) == (1, True)


def test_an_edited_harness_with_lint_errors_is_refused_and_changes_nothing(folder: Path) -> None:
    begin(folder, "--max-agents", "1")
    (path,) = (folder / ".weft" / "runs").iterdir()
    before = (path / "harness.py").read_text()
    (folder / "bad.py").write_text("import os\nasync def main(args):\n    return 1\n")
    done = weft(folder, "resume", "@last", "--script", "bad.py")
    assert (done.code, (path / "harness.py").read_text()) == (3, before)
    assert "the linter found" in done.err


def test_a_paused_run_says_which_ceiling_to_raise(folder: Path) -> None:
    begin(folder, "--max-agents", "1")
    shown = weft(folder, "show", "@last").out
    assert "--max-agents N" in next(line for line in shown.splitlines() if "weft resume" in line)


GUESS = """from weft.primitives import agent, understood


async def main(args):
    said = await agent("What is it?")
    understood(1, of=2, what="files", hint="name a model")
    return said
"""


def test_a_degraded_run_of_which_nobody_would_be_asked_again_has_nothing_left_to_do(folder: Path) -> None:
    (folder / "guess.py").write_text(GUESS)
    done = weft(folder, "run", "guess.py", "--agents", "stub:stub.json", "--args", "{}", "--json")
    assert (done.json["outcome"], done.json["health"]) == ("completed", "degraded")
    again = weft(folder, "resume", "@last")
    assert (again.code, again.out) == (3, "")
    assert "nothing left to do" in again.err and "--model NAME" in again.err
    (folder / "guess.py").write_text(GUESS.replace("return said", "return [said]"))
    edited = weft(folder, "resume", "@last", "--script", "guess.py", "--no-lint", "--json")
    assert edited.json["result"] == ["hi"]


def test_a_model_is_not_needed_before_it_is_asked(folder: Path) -> None:
    (folder / "guess.py").write_text(GUESS)
    with serving_locally(lambda _: say("a cat"), listed("tiny")) as server:
        model = f"local:127.0.0.1:{server.port}"
        done = weft(folder, "run", "guess.py", "--model", model, "--args", "{}", "--json")
        assert done.json["result"] == "a cat", done.err
    (folder / "more.py").write_text(GUESS.replace("return said", "return [said]"))
    again = weft(folder, "resume", "@last", "--script", "more.py", "--no-lint", "--json")
    assert again.json["result"] == ["a cat"], again.err
    (folder / "more.py").write_text(GUESS.replace("return said", "return await agent('Where?')"))
    asking = weft(folder, "resume", "@last", "--script", "more.py", "--no-lint", "--json")
    assert asking.code == 6 and "no model server answers" in asking.err


def test_a_run_of_an_earlier_language_goes_on_in_it_and_an_edited_harness_is_checked_by_it(tmp_path: Path) -> None:
    golden = Path(__file__).parents[1] / "golden" / "language-1"
    shutil.copytree(golden, tmp_path / ".weft" / "runs" / "old")
    said = {"verdict": "supported", "reason": "", "evidence": []}
    script(tmp_path, {"match": {"label": "verify:d"}, "result": said}, result="x")
    edited = 'verdict = await verify("x", lenses=["d", "e"], quorum=1)\n    return verdict["independence"] < 0.5\n'
    (tmp_path / "edited.py").write_text(f"async def main(args):\n    {edited}")
    options = ("--agents", "stub:stub.json", "--budget-tokens", "99999", "--yes", "--json")
    done = weft(tmp_path, "resume", "old", "--script", "edited.py", *options)
    assert "version 1 of the language" in done.err and done.json["result"] is False
