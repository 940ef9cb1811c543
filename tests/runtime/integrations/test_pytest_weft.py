"""`weft_replay`, in tests of its own that a pytest in this process and one in another run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import anyio
import pytest
from command import weft
from kept import rated

from pytest_weft import Replaying
from weft.runtime.execution.resume import recorded_harness
from weft.runtime.integrations.recorded import read_recorded
from weft.runtime.project.folders import Project

GOLDEN = Path(__file__).parents[2] / "golden"


@pytest.mark.parametrize(("name", "complete"), [("complete", True), ("killed", False)])
def test_a_recorded_run_replays(weft_replay: Replaying, name: str, complete: bool) -> None:
    replayed = weft_replay(GOLDEN / name)
    assert (replayed.complete, replayed.calls > 0) == (complete, True)
    assert weft_replay(f"tests/golden/{name}", GOLDEN / name / "harness.py") == replayed


def test_an_edited_harness_fails_the_test_or_is_looked_at(weft_replay: Replaying, tmp_path: Path) -> None:
    source = (GOLDEN / "complete" / "harness.py").read_text()
    edited = tmp_path / "edited.py"
    edited.write_text(source.replace("async def main(args):", "async def main(args):\n    await agent('one more')"))
    with pytest.raises(pytest.fail.Exception, match=r"(?s)record.*one more"):
        weft_replay(GOLDEN / "complete", edited)
    played = weft_replay.over(GOLDEN / "complete", edited)
    assert (played.passed, [call.request.prompt for call in played.missing]) == (False, ["one more"])
    assert weft_replay.over(GOLDEN / "complete").result == weft_replay(GOLDEN / "complete").result


def test_an_exported_harness_has_its_runs_with_it(weft_replay: Replaying, tmp_path: Path) -> None:
    run = rated(tmp_path)
    harness = recorded_harness(folder := Project(tmp_path).find_run(run), folder.start())
    for words in (("save", run, "rating"), ("export", "rating")):
        assert weft(tmp_path, *words).code == 0
    file = tmp_path / "rating.weft"
    assert weft_replay(file, run=run).result == weft_replay.over(file).result
    assert read_recorded(file).harness.source == harness.source
    with pytest.raises(pytest.fail.Exception, match=r"(?s)no recorded run 'another'.*\n"):
        weft_replay(file, run="another")
    (cassette,) = (tmp_path / ".weft/library/rating").rglob("*.jsonl")
    assert anyio.run(read_recorded(cassette).replayed, None).complete
    with pytest.raises(pytest.fail.Exception, match=r"(?s)no recorded run\n.*nowhere.*\n"):
        weft_replay(tmp_path / "nowhere")


def test_a_project_that_does_not_use_it_imports_nothing_of_it(tmp_path: Path) -> None:
    (tmp_path / "test_other.py").write_text(
        "import sys\n\n"
        "def test_other():\n"
        "    ours = {name for name in sys.modules if name.startswith('weft')}\n"
        "    assert not ours and 'pytest_weft' in sys.modules\n"
        "    assert not {'pydantic', 'anyio', 'click', 'jsonschema'} & set(sys.modules)\n"
    )
    words = [sys.executable, "-m", "pytest", "-q", "-p", "weft", "-p", "no:cacheprovider", "-W", "error", "."]
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(words, cwd=tmp_path, env=alone, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
