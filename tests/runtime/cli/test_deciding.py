"""What a person decides before money is spent twice: which saved harness is executed, whom another model is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from begun import READ, answers, begin
from command import weft
from unconfined import without_processes

RATE = """from weft.primitives import agent, parallel


async def main(args):
    texts = await parallel([agent(f"Rate {name}.", label=f"rate:{name}") for name in args["names"]])
    return [int(text) for text in texts if text]
"""
MENDED = RATE.replace("int(text)", "int(text.split()[0])")
CALLER = """from weft.primitives import agent, parallel, workflow


async def main(args):
    groups = await parallel([workflow("rate", {"names": names}) for names in ["ab", "cd"]])
    return await agent(f"Compare {list(groups)}", label="compare")
"""
OTHER = "anthropic:claude-haiku-4-5"


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)


class TestSavedHarness:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        saved = tmp_path / ".weft" / "workflows"
        saved.mkdir(parents=True)
        (saved / "rate.py").write_text(RATE)
        answers(tmp_path, "4 of 5")
        assert begin(tmp_path, CALLER).json["health"] == "degraded"
        (saved / "rate.py").write_text(MENDED)
        return tmp_path

    @pytest.mark.parametrize("words", [["--yes"], ["--script", "h.py"]])
    def test_that_was_mended_is_not_passed_over_in_silence(self, folder: Path, words: list[str]) -> None:
        done = weft(folder, "resume", "@last", *words)
        assert (done.code, "rate is another harness now" in done.err) == (3, True)
        assert "-    return [int(text) for" in done.err and "+    return [int(text.split()[0]) for" in done.err
        assert "--saved now" in done.err and "--saved recorded" in done.err

    def test_is_executed_as_it_is_now_and_its_answers_are_used_again(self, folder: Path) -> None:
        plan = weft(folder, "resume", "@last", "--saved", "now", "--plan").json
        assert [(one["name"], one["executed"]) for one in plan["saved_harnesses"]] == [("rate", "now")]
        done = weft(folder, "resume", "@last", "--saved", "now", "--json")
        assert (done.code, done.json["agents"]["cached"], done.json["agents"]["started"]) == (0, 4, 1), done.err
        assert "rate is another harness now; it is executed as it is now" in done.err
        assert weft(folder, "replay", "@last").code == 0

    def test_is_executed_as_it_was(self, folder: Path) -> None:
        plan = weft(folder, "resume", "@last", "--plan").json
        assert [(one["executed"], len(one["difference"])) for one in plan["saved_harnesses"]] == [("recorded", 6)]
        assert [(one["option"], one["reused"], one["asked"]) for one in plan["otherwise"]] == [("--saved now", 4, 1)]
        done = weft(folder, "resume", "@last", "--saved", "recorded")
        assert done.code == 3 and "nothing left to do" in done.err

    @pytest.mark.parametrize(("typed", "code"), [("now\n", 0), ("r\n", 3), ("\n", 3)])
    def test_is_chosen_by_whoever_is_there(self, folder: Path, typed: str, code: int) -> None:
        done = weft(folder, "resume", "@last", typed=typed)
        assert (done.code, "Which is executed?" in done.err) == (code, True)

    def test_that_means_nothing_now_is_refused_before_anything_is_asked(self, folder: Path) -> None:
        (folder / ".weft" / "workflows" / "rate.py").write_text("async def main(args)")
        done = weft(folder, "resume", "@last", "--saved", "now", "--json")
        assert done.code == 3
        assert "rate.py" in done.json["error"]["where"]

    def test_of_which_only_a_comment_is_another_one_is_the_same(self, folder: Path) -> None:
        (folder / ".weft" / "workflows" / "rate.py").write_text("# a comment\n" + RATE)
        assert "nothing left to do" in weft(folder, "resume", "@last").err

    def test_that_is_saved_no_more_is_executed_as_it_was(self, folder: Path) -> None:
        (folder / ".weft" / "workflows" / "rate.py").unlink()
        done = weft(folder, "resume", "@last", "--saved", "now")
        assert done.code == 3 and "nothing left to do" in done.err


class TestAnotherModel:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        answers(tmp_path, "text", "c")
        assert begin(tmp_path, READ).json["agents"]["lost"] == 1
        answers(tmp_path, "other")
        return tmp_path

    def test_is_asked_what_is_missing_and_the_bill_says_what_all_would_cost(self, folder: Path) -> None:
        plan = weft(folder, "resume", "@last", "--model", OTHER, "--plan").json
        assert [(one["option"], one["reused"], one["asked"]) for one in plan["otherwise"]] == [("--again all", 0, 3)]
        done = weft(folder, "resume", "@last", "--model", OTHER, "--json")
        assert (done.json["result"], done.json["agents"]["cached"]) == (["text", "text", "other"], 2)
        assert done.json["models"] == {"anthropic:claude-sonnet-5-5": 2, OTHER: 1}
        assert "2 by anthropic:claude-sonnet-5-5" in done.err and "or --again all" in done.err
        shown = weft(folder, "show", "@last", "--json").json
        assert [call["model"] for call in shown["calls"]] == ["anthropic:claude-sonnet-5-5"] * 2 + [OTHER]
        assert weft(folder, "replay", "@last").code == 0

    def test_is_asked_all_again_where_that_is_said(self, folder: Path) -> None:
        done = weft(folder, "resume", "@last", "--model", OTHER, "--again", "all", "--json")
        assert (done.json["result"], done.json["models"]) == (["other"] * 3, {OTHER: 3})
        assert "its input changed: a (model), b (model)" in done.err

    @pytest.mark.parametrize(("typed", "asked"), [("missing\nn\n", 1), ("all\nn\n", 3), ("\n", 0)])
    def test_is_chosen_by_whoever_pays(self, folder: Path, typed: str, asked: int) -> None:
        paid = ("--agents", "models", "--no-virtual-time", "--model", OTHER)
        done = weft(folder, "resume", "@last", *paid, typed=typed, ANTHROPIC_API_KEY="k")
        assert (done.code, "Which is asked?" in done.err) == (3, True)
        assert f"to be asked{asked:8}  " in done.err or not asked

    def test_of_a_run_that_lost_nothing(self, folder: Path) -> None:
        assert weft(folder, "resume", "@last").code == 0
        done = weft(folder, "resume", "@last", "--model", OTHER)
        assert done.code == 3 and "--again all" in done.err
        done = weft(folder, "resume", "@last", "--model", OTHER, "--again", "all", "--json")
        assert done.json["models"] == {OTHER: 3}
