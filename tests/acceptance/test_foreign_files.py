"""Files that somebody else may have put into a project: a pipe, a device, a folder, a link to nowhere, or too much."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from command import weft, weft_or_end

GOOD = '''"""Say one."""
from weft.primitives import agent

ARGS = {"type": "object", "properties": {"files": {"type": "array", "items": {"type": "string"}}}}


async def main(args):
    return 1
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    saved = tmp_path / ".weft" / "workflows"
    saved.mkdir(parents=True)
    for place in (saved, tmp_path):
        os.mkfifo(place / "pipe.py")
        (place / "zero.py").symlink_to("/dev/zero")
        (place / "folder.py").mkdir()
        (place / "nowhere.py").symlink_to("gone.py")
        (place / "good.py").write_text(GOOD)
        with (place / "large.py").open("wb") as file:
            file.truncate(10**12)
    return tmp_path


@pytest.mark.parametrize("words", [["list"], ["doctor"], ["check", "."], ["run", "good"], ["run", "good.py"]])
def test_what_cannot_be_read_is_no_obstacle_for_the_rest(folder: Path, words: list[str]) -> None:
    done = weft_or_end(folder, *words)
    assert "Traceback" not in done.err
    if words[0] == "run":
        assert done.code == 0
    else:
        reasons = ["no regular file", "No such file", "1,000,000,000,000 bytes"]
        reasons += [] if words[0] == "check" else ["Is a directory"]  # which walks through folders
        assert [reason for reason in reasons if reason not in done.out] == []
    if words == ["doctor"]:
        assert "nowhere.py: the harness cannot be read: No such file" in done.out
    if words == ["check", "."]:
        assert "did you mean" not in done.out


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("pipe", "no regular file"),
        ("zero", "no regular file"),
        ("folder", "Is a directory"),
        ("nowhere", "No such file"),
    ],
)
@pytest.mark.parametrize(
    "called", ["{}", "{}.py", "good.py --files @{}.py", "good.py --args @{}.py", "good.py --agents stub:{}.py"]
)
def test_it_says_why_it_cannot_be_read(folder: Path, name: str, why: str, called: str) -> None:
    done = weft_or_end(folder, "run", *called.format(name).split(" "))
    if name == "pipe" and "@" in called:  # whoever names a pipe means it: nobody writes into this one
        assert "no regular file" not in done.err
    else:
        assert done.code == 2 and why in done.err and name in done.err


@pytest.mark.parametrize("name", ["pipe", "zero", "nowhere"])
def test_one_that_is_called_is_as_one_that_is_not_there(folder: Path, name: str) -> None:
    main = f'async def main(args):\n    return await workflow("{name}")\n'
    source = f'"""Call."""\nfrom weft.primitives import workflow\n\n\n{main}'
    (folder / "calls.py").write_text(source)
    done = weft_or_end(folder, "check", "calls.py")
    assert done.code in (0, 1) and "calls.py" in done.out and not done.err
    assert weft_or_end(folder, "run", "calls.py", "--no-lint").code != 0


def test_what_is_larger_than_a_harness_may_be_is_not_read(folder: Path) -> None:
    done = weft(folder, "run", "large.py")
    assert done.code == 3 and "1,000,000,000,000 bytes" in done.err


@pytest.mark.parametrize("name", ["weft.toml", "pyproject.toml"])
@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "nowhere", "large"])
def test_limits_that_cannot_be_read_are_not_taken_for_none(tmp_path: Path, kind: str, name: str) -> None:
    (tmp_path / "good.py").write_text(GOOD)
    path = tmp_path / name
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/null")
        case "folder":
            path.mkdir()
        case "nowhere":
            path.symlink_to("gone.toml")
        case _:
            with path.open("wb") as file:
                file.truncate(10**12)
    for words in (["run", "good.py"], ["check", "good.py"]):
        done = weft_or_end(tmp_path, *words)
        assert done.code == 2 and "the configuration cannot be read" in done.err and name in done.err
    assert not (tmp_path / ".weft").exists()


def test_a_pipe_that_is_named_as_arguments_is_read(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text("async def main(args):\n    return args\n")
    reading, writing = os.pipe()
    with os.fdopen(reading), os.fdopen(writing, "w") as into:
        into.write('{"n": 1}')
        into.close()
        done = weft(tmp_path, "run", "good.py", "--args", f"@/dev/fd/{reading}", "--json")
    assert done.json["result"] == {"n": 1}
