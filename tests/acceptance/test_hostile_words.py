"""What files, options, agents and harnesses say reaches the terminal as text, in whatever command it is shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import weft
from terminal import ESCAPE, on_terminal

HOSTILE = "\x1b]0;OWNED\x07\u202e\x9b31m\x08\u2028\x7f\u2066\r\x1b[2J"
"""Sets the title, turns the direction, changes the colour, deletes, goes back, clears: none of it may happen."""
FORGED = f"{HOSTILE}\nerror: forged"

HARNESS = f'''
"""Say {HOSTILE.replace(chr(13), "")} aloud."""

from weft.primitives import agent, finding, log, parallel, phase, workflow

ARGS = {{
    "type": "object",
    "properties": {{
        "q": {{"type": "string", "description": {FORGED!r}, "default": {FORGED!r}}},
        {HOSTILE!r}: {{"type": "array", "items": {{"type": "string"}}}},
        "n": {{"type": "integer"}},
    }},
}}


async def main(args):
    phase({HOSTILE!r})
    log({FORGED!r})
    finding({{{FORGED!r}: {FORGED!r}}})
    read = await parallel([agent({FORGED!r} + str(n), label={FORGED!r} + str(n)) for n in range(2)])
    if args.get("n") == 3:
        raise ValueError({FORGED!r})
    return {{{FORGED!r}: read, "more": await workflow({HOSTILE!r})}}
'''
WRONG = f"""
from weft.primitives import agent


async def main(args):
    while True:
        await agent("{HOSTILE.replace(chr(13), "")}")
    return await gent("x")
"""
STUB = {
    "rules": [{"match": {"label": "1"}, "lost": "refused"}],
    "default": {"result": FORGED},
}
NAME = f"h{HOSTILE}.py"
STUBBED = ("--agents", "stub:stub.json", "--virtual-time")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / NAME).write_text(HARNESS)
    (folder / "wrong.py").write_text(WRONG)
    (folder / "stub.json").write_text(json.dumps(STUB))
    (folder / "other.json").write_text(json.dumps({"rules": [{"match": {HOSTILE: "0"}, HOSTILE: 1}]}))
    workflows, damaged = folder / ".weft/workflows", folder / f".weft/runs/x{HOSTILE}"
    workflows.mkdir(parents=True)
    (workflows / f"{NAME}").write_text(HARNESS)
    damaged.mkdir(parents=True)
    (damaged / "run.db").write_text(HOSTILE)
    weft(folder, "run", NAME, *STUBBED)
    return folder


COMMANDS = [
    ("run", NAME, *STUBBED),
    ("run", NAME, *STUBBED, "--q", HOSTILE, "--n", "3"),
    ("run", NAME, *STUBBED, "--n", HOSTILE),
    ("run", NAME, *STUBBED, "--args", HOSTILE),
    ("run", NAME, *STUBBED, "--args", f"@{HOSTILE}"),
    ("run", NAME, *STUBBED, "--hold", HOSTILE),
    ("run", NAME, *STUBBED, f"--{HOSTILE}", "x"),
    ("run", NAME, "--agents", "stub:other.json"),
    ("run", NAME, "--agents", f"stub:{HOSTILE}"),
    ("run", NAME, "--model", HOSTILE),
    ("run", NAME, "--budget", HOSTILE),
    ("run", NAME, "--dir", HOSTILE, *STUBBED),
    ("run", NAME, "--help"),
    ("run", "wrong.py", *STUBBED),
    ("run", f"x{''.join(HOSTILE.split())}.py"),
    ("plan", NAME, *STUBBED),
    ("plan", NAME, *STUBBED, "--save", HOSTILE),
    ("list",),
    ("check", NAME, "wrong.py", HOSTILE),
    ("check", "wrong.py", NAME, "--format", "github"),
    ("check", "wrong.py", NAME, "--format", "model"),
    ("check", "wrong.py", NAME, "--format", "sarif"),
    ("check", "wrong.py", "--format", HOSTILE),
    ("rule", HOSTILE),
    ("runs",),
    ("runs", "--json"),
    ("show", "@last"),
    ("show", "@last", "--json"),
    ("show", "@last/0"),
    ("show", f"@last/{HOSTILE}"),
    ("show", f"x{HOSTILE}"),
    ("resume", "@last", "--plan"),
    ("resume", "@last", *STUBBED),
    ("why", f"@last/{HOSTILE}"),
    ("diff", "@last", HOSTILE),
    ("replay", "@last"),
    ("stop", "@last", HOSTILE),
    ("budget", HOSTILE, "1"),
    (HOSTILE,),
    (f"--{HOSTILE}",),
]


def obeyed(said: str) -> list[str]:
    """Return the lines of which a terminal would obey something, or that pass for one of ours."""
    lines = said.split("\n")
    return [line for line in lines if not line.isprintable() or line.startswith("error: forged")]


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words).encode("unicode_escape").decode()[:60])
def test_a_command_prints_nothing_that_a_terminal_obeys(folder: Path, words: tuple[str, ...]) -> None:
    done = weft(folder, *words)
    assert done.out or done.err
    assert obeyed(done.out) == [] and obeyed(done.err) == []


def test_what_is_escaped_in_json_is_the_same_text_when_it_is_read_back(folder: Path) -> None:
    (run, *_) = [one for one in weft(folder, "runs", "--json").json if one.get("agents")]
    shown = weft(folder, "show", run["run"], "--json").json
    assert FORGED in [log["message"] for log in shown["logs"]]


def test_an_error_of_our_own_prints_nothing_that_a_terminal_obeys(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from weft.runtime.cli import group

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(HOSTILE)

    monkeypatch.setattr(group.weft, "main", broken)
    with pytest.raises(RuntimeError) as raised:
        group.dispatch()
    group.sys.excepthook(RuntimeError, raised.value, raised.tb)
    said = capsys.readouterr().err
    assert "RuntimeError" in said and obeyed(said) == []


@pytest.mark.slow
def test_a_terminal_is_redrawn_with_nothing_that_it_would_obey(folder: Path) -> None:
    said = on_terminal(folder, "run", NAME, "--agents", "stub:stub.json")
    left = ESCAPE.sub("", said.replace("\r", ""))
    assert obeyed(left) == [] and "OWNED" in left
