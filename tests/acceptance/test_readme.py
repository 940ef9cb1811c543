"""Every command that the README shows is run as it stands there, in a folder of its own; one that cannot be, fails."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import metadata
from pathlib import Path

import click
import pytest
from anthropic_server import serving, text
from command import WEFT, environment, weft, weft_process
from editor import editing
from live import live

from weft.runtime.cli.commands import COMMANDS
from weft.runtime.cli.group import weft as group

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")

FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.S | re.M)

pytestmark = pytest.mark.slow

HELLO = '''"""Read some pages."""

from weft.primitives import agent, parallel


async def main(args):
    return await parallel([agent(f"Read {page}", label=page) for page in ("read:d5.md", "read:d6.md", "lost")])
'''
LOST = {"match": {"label": "^lost$"}, "lost": "provider", "times": 1}
STUB = {"rules": [LOST], "default": {"result": "read"}}
SLOW = {"rules": [LOST], "default": {"result": "read", "latency": 3600}}

STANDS_FOR = {
    "TASK": '"Which notes contradict each other?" --dir examples/notes',
    "FILE.py": "hello.py",
    "FILE…": "hello.py",
    "NAME": "hello",
    "CODE": "B103",
    "AGENT": "read:d5.md",
    "RUN": "@last",
    "A B": "@last @last",
    "USD": "1",
}
"""What stands in a command for what somebody has to fill in."""

STEERING = ("pause", "continue", "stop", "retry", "budget")
BEFORE = {"continue": ["pause", "@last"]}
"""What has to be done before a command makes sense."""


@dataclass(frozen=True)
class Shown:
    """A command of the README."""

    words: str
    keyed: bool
    """It is shown after a key is set."""


def shown() -> list[Shown]:
    """Return the commands of the README, each once: lines of its blocks, and what is marked as code in the text."""
    found: dict[Shown, None] = {}
    for language, block in FENCED.findall(README):
        for line in block.splitlines() if not language else ():
            if is_command(line.removeprefix("$ ")):
                words = re.sub(r"\s{2,}#.*", "", line.removeprefix("$ "))
                found[Shown(words, "export ANTHROPIC_API_KEY" in block)] = None
    for code in re.findall(r"`([^`]+)`", FENCED.sub("", README)):
        if is_command(code):
            for words in written_out(" ".join(code.replace("\\|", "|").split())):
                found[Shown(words, False)] = None
    return list(found)


def is_command(line: str) -> bool:
    return re.match(r"(?:weft|make|pip|python|git)(?:\s|$)", line) is not None


def written_out(code: str) -> Iterator[str]:
    """Yield the commands that are meant by one with alternatives, `a|b`, and with parts that may be left out, `[x]`."""
    verb = re.match(r"weft (\w+(?:\|\w+)+)", code)
    if verb is not None:
        for one in verb[1].split("|"):
            yield from written_out(code.replace(verb[1], one, 1))
    elif (optional := re.search(r"\s?\[(?=[A-Z/])([^]]*)\]", code)) is not None:
        yield from written_out(code.replace(optional[0], ""))
        yield from written_out(code.replace(optional[0], optional[0].replace("[", "").replace("]", "")))
    else:
        yield code


def filled(words: str) -> str:
    """Return a command with something in place of what somebody has to fill in."""
    for name, value in STANDS_FOR.items():
        words = re.sub(rf"(?<![\w.]){re.escape(name)}(?![\w.…])", lambda _, value=value: value, words)  # type: ignore[misc]
    assert not re.search(r"…|\b[A-Z]{3,}\b", re.sub(r'".*?"|--add 1', "", words)), f"who fills in {words!r}?"
    return words


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project as the README speaks of: examples, documents, a saved harness, a run that has lost an agent."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "examples", folder / "examples")
    for name in ("docs/guide.md", "src/app.py", "hello.py", ".weft/workflows/hello.py", "stub.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(HELLO if name.endswith("hello.py") else "The port is 8080.\n")
    (folder / "stub.json").write_text(json.dumps(STUB))
    assert weft(folder, "run", "hello.py", "--agents", "stub:stub.json").code == 4
    return folder


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "project", dirs_exist_ok=True))


def shell(folder: Path, line: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a line in a shell, with the `weft` of this environment on the path."""
    path = f"{Path(WEFT).parent}{os.pathsep}{os.environ['PATH']}"
    env = environment(PATH=path, HOME=str(folder), **more)
    return subprocess.run(
        ["bash", "-c", line], cwd=folder, env=env, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.mark.parametrize("one", shown(), ids=lambda one: one.words)
def test_a_command_does_what_it_says(one: Shown, folder: Path) -> None:
    tool, _, rest = one.words.partition(" ")
    match tool:
        case "make":
            makes(folder, rest)
        case "pip":
            installs(rest)
        case "weft":
            verb = rest.partition(" ")[0]
            assert verb == "" or verb in COMMANDS, f"there is no weft {verb}"
            if one.keyed:
                with_a_model(folder, one.words)
            elif verb == "lsp":
                serves(folder)
            elif verb in STEERING and rest != verb:
                steers(folder, verb, filled(one.words))
            else:
                runs(folder, verb, filled(one.words) if rest != verb or not needs_more(verb) else f"{one.words} --help")
        case _:
            pytest.fail(f"there is no way to try {one.words!r}: add one")


def needs_more(verb: str) -> bool:
    """Whether a command has to be told more than its name."""
    with click.Context(group) as context:
        command = group.get_command(context, verb)
    return command is not None and any(param.required for param in command.params)


def runs(folder: Path, verb: str, line: str) -> None:
    if re.match(r"weft run backups\b", line):  # saved by the command that is shown before it
        shown_before = next(one.words for one in shown() if "--save backups" in one.words)
        assert shell(folder, shown_before).returncode == 0
    done = shell(folder, line)
    # What an agent is asked may be lost, and runs say so; everything else has to go well.
    assert done.returncode in ((0, 4) if verb in ("run", "resume") else (0,)), done.stderr
    assert "Traceback" not in done.stderr and (done.stdout or done.stderr)


def with_a_model(folder: Path, line: str) -> None:
    reply = f"```python\n{HELLO}```\n```json\n{{}}\n```"
    with serving(lambda body: text(reply if "<task>" in json.dumps(body["messages"]) else "read")) as server:
        keys = {"ANTHROPIC_API_KEY": "sk-test", "ANTHROPIC_BASE_URL": server.url}
        asked = shell(folder, line, **keys)
        assert asked.returncode == 3 and "needs a yes" in asked.stderr
        done = shell(folder, f"{line} --yes", **keys)
    assert (done.returncode, "3 agents: 3 done" in done.stdout) == (0, True), done.stderr


def steers(folder: Path, verb: str, line: str) -> None:
    """A command to a run that goes on in another process."""
    (folder / "slow.json").write_text(json.dumps(SLOW))
    shutil.rmtree(folder / ".weft/runs")
    with live(folder, "run", "hello.py", "--agents", "stub:slow.json", "--budget", "5") as going:
        going.until_running("read:d5.md", "read:d6.md")
        going.until(lambda state: bool(state.lost))
        if verb in BEFORE:
            assert weft(folder, *BEFORE[verb]).code == 0
        done = shell(folder, line)
        assert done.returncode == 0, done.stderr
        assert going.run.id in done.stdout


def serves(folder: Path) -> None:
    with editing(folder) as editor:
        assert editor.open(HELLO) == []


def makes(folder: Path, target: str) -> None:
    """It is asked what it would do, for it runs these tests, or installs from the network; its command is run here."""
    done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout
    if target == "run":
        (line,) = (line for line in done.stdout.splitlines() if "weft run" in line)
        ran = weft_process(folder, *shlex.split(line)[1:])
        assert ran.code == 0, ran.err


def installs(rest: str) -> None:
    wanted = re.fullmatch(r"install '?weft(?:\[(\w+)\])?'?", rest)
    assert wanted is not None
    assert wanted[1] is None or wanted[1] in (metadata("weft").get_all("Provides-Extra") or [])


def test_there_are_many() -> None:
    assert len(shown()) > 25 and {one.words.split()[1] for one in shown() if " " in one.words} >= COMMANDS.keys()
