"""The command where the system gives little: standard streams that are closed or full, and no further files."""

from __future__ import annotations

import json
import resource
import subprocess
from pathlib import Path

import pytest
from command import WEFT, environment

HARNESS = """
from weft.primitives import agent


async def main(args):
    return await agent("x")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "h.py").write_text(HARNESS)
    (tmp_path / "stub.json").write_text('{"default": {"result": "answer"}}')
    return tmp_path


def run_in_shell(folder: Path, streams: str, files: int | None = None) -> subprocess.CompletedProcess[str]:
    def poor() -> None:
        if files is not None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

    command = f"exec {WEFT} run h.py --agents stub:stub.json --virtual-time {streams}"
    return subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        preexec_fn=poor,
        timeout=60,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize(("streams", "code"), [(">&- 2>&- <&-", 0), ("2>/dev/full", 0), (">/dev/full", 1)])
def test_a_run_outlives_whoever_looks_on(folder: Path, streams: str, code: int) -> None:
    done = run_in_shell(folder, streams)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False)
    (result,) = (folder / ".weft/runs").glob("*/result.json")
    assert json.loads(result.read_text())["result"] == "answer"


@pytest.mark.slow
def test_streams_without_our_letters_have_others_in_their_place_and_json_none_wrong(folder: Path) -> None:
    (folder / "stub.json").write_text('{"default": {"result": "für"}}')
    poor = {**environment(), "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    words = [WEFT, "run", "h.py", "--agents", "stub:stub.json", "--virtual-time"]
    for more, check in (((), lambda out: "f?r" in out), (("--json",), lambda out: json.loads(out)["result"] == "für")):
        done = subprocess.run([*words, *more], cwd=folder, env=poor, capture_output=True, text=True, check=False)
        assert done.returncode == 0 and check(done.stdout), done.stderr


@pytest.mark.slow
def test_a_system_with_nothing_left_to_give_is_said_in_words(folder: Path) -> None:
    done = run_in_shell(folder, "", files=14)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "error: the system has nothing left to give: [Errno 24] Too many open files" in done.stderr
