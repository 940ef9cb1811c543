"""Trust: a saved harness is run once somebody has said yes to it as it is, and is asked about again when it changes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from command import Done, weft
from kept import ARGS, saved
from unconfined import without_processes

from weft.runtime.money import prices
from weft.runtime.project.approvals import Approvals, means

CALLER = '''"""Call another."""

from weft.primitives import WorkflowRefused, workflow


async def main(args):
    try:
        return await workflow({})
    except WorkflowRefused as error:
        return f"refused: {{error}}"
'''
NOTHING = '"""Do nothing."""\n\nfrom weft.primitives import agent\n\n\nasync def main(args):\n    return {}\n'


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """Run `weft` in a project of its own, as a user of its own."""
    without_processes(monkeypatch)
    (tmp_path / "project").mkdir()

    def run(*words: str, typed: str | None = None) -> Done:
        return weft(tmp_path / "project", *words, typed=typed, HOME=str(tmp_path / "home"))

    return run


@pytest.fixture
def workflows(tmp_path: Path) -> Path:
    folder = tmp_path / "project/.weft/workflows"
    folder.mkdir(parents=True)
    return folder


def priced(number: int) -> str:
    """Return a harness that could cost something, as its options are not known."""
    return NOTHING.format(number).replace("    return", '    if args: await agent("x", model="test:x")\n    return')


def test_what_a_project_brings_is_asked_about_once(run: Callable[..., Done], workflows: Path) -> None:
    (workflows / "brought.py").write_text(priced(7))
    assert "(not approved yet)" in run("list").out.splitlines()[0]
    assert run("run", ".weft/workflows/brought.py").code == 3
    refused = run("run", "brought", "--json")
    assert (refused.code, "was not approved as it is" in refused.err) == (3, True)
    digest = refused.json["error"]["where"].partition("sha256:")[2]
    assert run("run", "brought", "--approve", f"sha256:{'0' * 12}").code == 3
    viewed = run("run", "brought", "--json", typed="v\ny\n")
    assert (viewed.json["result"], "return 7" in viewed.err, "rehearsed" in viewed.err) == (7, True, True)
    assert run("run", "brought", "--approve", f"sha256:{digest[:12]}", "--json").json["result"] == 7
    assert run("run", "brought", "--json", typed="").json["result"] == 7  # the same was approved
    (workflows / "brought.py").write_text(priced(8))
    assert run("run", "brought", typed="n\n").code == 3
    assert run("run", "brought", "--approve", f"sha256:{digest}").code == 3
    assert run("run", "brought", "--yes", "--json").json["result"] == 8
    assert "not approved yet" not in run("list").out.splitlines()[0]


def test_what_can_cost_nothing_is_not_asked_about(run: Callable[..., Done], workflows: Path) -> None:
    (workflows / "harmless.py").write_text(NOTHING.format(7))
    assert run("run", "harmless", "--json").json["result"] == 7


def test_what_may_cost_all_the_same_is_asked_about(
    run: Callable[..., Done], workflows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A free model may have one to stand in for it that is not, and so may what compares texts."""
    (workflows / "brought.py").write_text(NOTHING.format(7))
    listed = prices._list_price
    monkeypatch.setattr(prices, "_list_price", lambda name: listed("offline" if name.endswith(":own-model") else name))
    free = '[models."anthropic:own-model"]\nconcurrency = 1\n'
    words = ("run", "brought", "--model", "anthropic:own-model")
    user = {"HOME": str(tmp_path / "home"), "ANTHROPIC_API_KEY": "k"}
    for more, code in {
        'fallback = ["anthropic:claude-sonnet-5-5"]': 3,
        '[embeddings]\nmodel = "openai:text-embedding-3-small"': 3,
        "": 0,
    }.items():
        (tmp_path / "project/weft.toml").write_text(free + more)
        assert weft(tmp_path / "project", *words, **user).code == code, more


def test_a_project_does_not_say_that_a_model_is_free(run: Callable[..., Done], workflows: Path, tmp_path: Path) -> None:
    (workflows / "brought.py").write_text(NOTHING.format(7))
    model = "anthropic:claude-opus-5-5"
    said = f'[run]\nmodel = "{model}"\n[models."{model}"]\nprice = {{ input = 0, output = 0 }}\n'
    (tmp_path / "project/weft.toml").write_text(said)
    user = {"HOME": str(tmp_path / "home"), "ANTHROPIC_API_KEY": "k"}
    assert weft(tmp_path / "project", "run", "brought", **user).code == 3


def test_what_a_free_run_comes_to_call_may_not_cost(run: Callable[..., Done], workflows: Path, tmp_path: Path) -> None:
    (tmp_path / "project/inner.py").write_text(priced(7))
    assert run("save", "inner.py", "inner").code == 0
    (tmp_path / "project/caller.py").write_text(CALLER.format('args["name"]'))
    words = ("run", "caller.py", "--args", '{"name": "inner"}', "--json")
    done = run(*words)
    assert (done.code, "'inner' may cost something" in done.json["error"]["message"]) == (5, True)
    assert run(*words, "--yes").json["result"] == 7


def test_a_plan_has_what_may_be_called_by_a_name_that_is_worked_out(run: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / "project/caller.py").write_text(CALLER.format('args["name"]'))
    plan = ("plan", "caller.py", "--args", '{"name": "inner"}', "--json")
    before = run(*plan).json["digest"]
    (tmp_path / "project/inner.py").write_text(NOTHING.format(7))
    run("save", "inner.py", "inner")
    planned = run(*plan).json
    after = planned["digest"]
    assert {"inner", "digest"} <= {*planned["permissions"]["calls"]}
    words = ("run", *plan[1:], "--approve")
    assert (run(*words, before).code, run(*words, after).json["result"]) == (3, 7)


def test_an_edit_of_what_was_saved_always_is(run: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / "project/h.py").write_text(NOTHING.format(7))
    assert run("save", "h.py", "mine").code == 0
    assert run("run", "mine", "--json").json["result"] == 7
    (tmp_path / "project/.weft/workflows/mine.py").write_text(NOTHING.format(8))
    assert run("run", "mine").code == 3
    assert run("list", "mine", "--json").json["approved"] is False
    shutil.rmtree(tmp_path / "project/.weft/library")  # whoever has changed the one may have taken away the other
    assert run("run", "mine").code == 3
    (tmp_path / "project/.weft/workflows/mine.py").write_text(NOTHING.format(7))
    assert run("run", "mine").code == 0


def test_another_user_is_asked_about_what_one_has_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)
    saved(tmp_path)
    words = ("run", "rating", "--agents", "stub:stub.json", "--args", json.dumps(ARGS))
    assert weft(tmp_path, *words).code == 4
    assert weft(tmp_path, *words, HOME=str(tmp_path / "other")).code == 3


def test_what_was_imported_is(run: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / "project/h.py").write_text(NOTHING.format(7))
    run("save", "h.py", "mine")
    assert run("export", "mine", "../mine.weft").code == 0
    (tmp_path / "other").mkdir()
    other = {"HOME": str(tmp_path / "other-home")}
    done = weft(tmp_path / "other", "import", "../mine.weft", **other)
    assert done.code == 0 and "not approved yet" in done.out
    assert "weft test" not in done.err  # nothing was recorded
    assert "not approved yet" not in run("import", "../mine.weft", "--as", "again").out
    assert weft(tmp_path / "other", "run", "mine", **other).code == 3
    assert weft(tmp_path / "other", "run", "mine", "--yes", **other).code == 0


@pytest.mark.parametrize("called", ['"inner"', 'args["name"]'])
def test_one_that_is_called_is_too(run: Callable[..., Done], workflows: Path, tmp_path: Path, called: str) -> None:
    (workflows / "inner.py").write_text(priced(7))
    (tmp_path / "project/caller.py").write_text(CALLER.format(called))
    words = ("run", "caller.py", "--args", '{"name": "inner"}', "--json")
    first = run(*words)
    if called == '"inner"':
        assert (first.code, "'inner' was not approved" in first.err) == (3, True)
    else:
        assert (first.code, first.json["error"]["type"]) == (5, "approval")
        assert "saved harness 'inner' was not approved as it is" in first.json["error"]["message"]
        assert run("resume", "@last", "--yes", "--json").json["result"] == 7
    assert run(*words, "--yes").json["result"] == 7
    assert "was not approved as it is" not in run(*words, typed="n\n").err


def test_a_home_that_cannot_be_written_to_is_asked_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)
    (tmp_path / "home").write_text("no folder")
    (tmp_path / ".weft/workflows").mkdir(parents=True)
    (tmp_path / ".weft/workflows/brought.py").write_text(priced(7))
    done = weft(tmp_path, "run", "brought", "--yes", HOME=str(tmp_path / "home"))
    assert (done.code, "holds for this time only" in done.err) == (0, True)
    assert weft(tmp_path, "run", "brought", HOME=str(tmp_path / "home")).code == 3


def test_a_digest_is_given_in_full_or_by_enough_of_it() -> None:
    digest = "7f3a91c2" * 8
    assert [means(said, digest) for said in ("sha256:7f3a91c2", digest, " SHA256:7F3A91C27f ", "7f3a91c", "", "x")] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize("digest", ["", "../../x", "7" * 63, "g" * 64, "/" * 64])
def test_only_digests_are_approved(tmp_path: Path, digest: str) -> None:
    assert digest not in Approvals(tmp_path)
