"""What a page of the documentation shows, done as it stands there: files are written, commands run, output compared.

Blocks of a page are taken from top to bottom, in one folder, as a reader would: ```console has commands with what they
print, ```sh commands alone; a block with a `title` is a file, and other Python is executed.
"""

from __future__ import annotations

import ast
import contextlib
import glob
import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import metadata
from pathlib import Path
from unittest.mock import patch

import click
import yaml
from anthropic_server import serving, text
from command import WEFT, Done, environment, weft
from live import Live, live

from weft.runtime.cli.group import weft as group
from weft.runtime.journal import RunState
from weft.runtime.project.config import read_config

__all__ = ["ROOT", "Reader", "blocks", "text_only"]

ROOT = Path(__file__).parents[2]

FENCED = re.compile(r"^( *)```(\w*)(?: +title=\"([^\"]+)\")?[^\n]*\n(.*?)^\1```$", re.S | re.M)

CHANGING = (
    (re.compile(r"\b(?=\d*[a-f])[0-9a-f]{8,}\b"), "DIGEST"),
    (re.compile(r"\b\d{8}-\d{6}-[0-9a-z]{4}\b"), "RUN"),
    (re.compile(r"(?<![\d:])\d+:\d\d\b"), "TIME"),
    (re.compile(r"\b\d+(?:\.\d+)? ?(?:ms|s)\b"), "TIME"),
)
"""What is another one each time: digests, the names of runs, and how long something took."""

WIDTH = "100"
"""Columns of the terminal whose output pages show."""

REPLY = (
    '"""Answer."""\n\nfrom weft.primitives import agent\n\n\nasync def main(args):\n    return await agent("Read")\n'
)
"""The harness that a model writes for any task."""


@dataclass(frozen=True)
class Block:
    """One block of code."""

    line: int
    language: str
    title: str
    """The file that it is; empty where it is none."""
    text: str


def blocks(page: str) -> Iterator[Block]:
    """Yield the blocks of a page."""
    for found in FENCED.finditer(page):
        line = page.count("\n", 0, found.start()) + 1
        yield Block(line, found[2], found[3] or "", re.sub(f"^{found[1]}", "", found[4], flags=re.M))


def text_only(page: str) -> str:
    """Return a page without its blocks."""
    return FENCED.sub("", page)


class Reader:
    """Somebody who follows a page, in a folder that has the examples of the project."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        """Prepare the folder; what goes on in the background ends with the stack."""
        self.folder = folder
        self._stack = stack
        self._code = 0
        self._keys: dict[str, str] = {}
        shutil.copytree(ROOT / "examples", folder / "examples")

    def follow(self, page: str) -> None:
        """Do what stands in a page."""
        for block in blocks(page):
            where = f"the {block.language} block at line {block.line}"
            if block.title:
                (self.folder / block.title).parent.mkdir(parents=True, exist_ok=True)
                (self.folder / block.title).write_text(block.text, encoding="utf-8")
            match block.language:
                case "console":
                    self._session(block.text, where)
                case "sh":
                    self._commands(block.text)
                case "python":
                    self._python(block)
                case "json":
                    json.loads(block.text)
                case "toml" if block.title == "weft.toml":
                    read_config(self.folder)
                case "yaml":
                    yaml.safe_load(block.text)
                case "markdown" if block.title:
                    pass  # what reads it is shown too
                case "text":
                    pass  # a drawing
                case other:
                    raise AssertionError(f"nobody knows how to try {other!r}: {where}")

    def _session(self, text: str, where: str) -> None:
        """Run commands one after the other, and hold what each prints against what is shown."""
        for shown in re.split(r"^\$ ", text, flags=re.M)[1:]:
            line, _, expected = shown.replace("\\\n", " ").partition("\n")
            if line == "echo $?":
                printed, self._code = f"{self._code}\n", 0
            else:
                assert self._code == 0, f"what was before {line!r} has failed, and {where} does not say so"
                done = self._run(line)
                printed, self._code = done.out, done.code
            assert like(printed, expected), f"{where}: $ {line}\n{printed}"
        assert self._code == 0, f"the last command of {where} has failed, which it does not say"

    def _commands(self, text: str) -> None:
        """Run commands that have to go well, whatever they print."""
        for line in text.replace("\\\n", " ").splitlines():
            words = re.sub(r"(?:^|\s{2,})#.*", "", line).strip()
            tool, _, rest = words.partition(" ")
            match tool:
                case "":
                    pass
                case "export":
                    self._keys |= dict([rest.split("=", 1)])
                case "make":
                    makes(rest)
                case "pip":
                    installs(rest)
                case "." | "source":
                    assert rest == ".venv/bin/activate"
                case _ if self._keys:
                    self._with_a_model(words)
                case _:
                    done = self._run(words)
                    assert done.code in (0, 4), f"$ {words}\n{done.out}"

    def _run(self, line: str) -> Done:
        """Run a line; `weft` in this process, all else in a shell, and what ends in `&` in the background."""
        if not line.startswith("weft "):
            return shell(self.folder, line)
        words = [name for word in shlex.split(line)[1:] for name in self._named(word)]
        if words[-1] == "&":
            going = self._stack.enter_context(live(self.folder, *words[:-1]))
            settled(going)
            return Done(0, "", "")
        into = words[-1] if words[-2:-1] == [">"] else None
        done = weft(self.folder, *(words[:-2] if into else words), together=into is None, COLUMNS=WIDTH)
        if into is not None:
            (self.folder / into).write_text(done.out)
            return Done(done.code, done.err, "")
        return done

    def _named(self, word: str) -> list[str]:
        """Return the files that a word with a `*` names, as a shell does, or the word."""
        return (sorted(glob.glob(word, root_dir=self.folder)) if "*" in word and " " not in word else []) or [word]

    def _with_a_model(self, line: str) -> None:
        """Run a command that asks a model, with the yes that it would wait for."""
        reply = f"```python\n{REPLY}```\n```json\n{{}}\n```"
        with serving(lambda body: text(reply if "<task>" in json.dumps(body["messages"]) else "read")) as server:
            keys = {"ANTHROPIC_API_KEY": "sk-test", "ANTHROPIC_BASE_URL": server.url}
            (self.folder / "docs").mkdir(exist_ok=True)
            (self.folder / "src").mkdir(exist_ok=True)
            done = weft(self.folder, *shlex.split(line)[1:], "--yes", **keys)
        assert (done.code, "1 agent: 1 done" in done.out) == (0, True), done.out + done.err

    def _python(self, block: Block) -> None:
        """Execute Python that is no file; with a file, a command of the page does something."""
        if block.title:
            return
        tree = ast.parse(block.text)
        names = [node.name for node in tree.body if isinstance(node, ast.AsyncFunctionDef)]
        assert "main" not in names, f"the harness at line {block.line} needs a title, by which a command can run it"
        with patch.dict(os.environ, environment(), clear=True), contextlib.chdir(self.folder):
            exec(compile(tree, f"line {block.line}", "exec", dont_inherit=True), {"__name__": "page"})


def like(printed: str, expected: str) -> bool:
    """Tell whether a text is what is expected, in which `…` stands for anything, also for lines."""
    for pattern, name in CHANGING:
        printed, expected = pattern.sub(name, printed), pattern.sub(name, expected)
    lines = "\n".join(line.rstrip() for line in printed.strip("\n").splitlines())
    wanted = "\n".join(line.rstrip() for line in expected.strip("\n").splitlines())
    return re.fullmatch(".*?".join(map(re.escape, wanted.split("…"))), lines, re.S) is not None


def settled(going: Live) -> None:
    """Wait until each agent of a run is at work, or has ended, or a person is asked."""

    def so(state: RunState) -> bool:
        agents = state.agents.values()
        return bool(state.host_calls.unanswered or (agents and all(agent.standing != "queued" for agent in agents)))

    going.until(so)


def shell(folder: Path, line: str) -> Done:
    """Run a line in a shell, with the `weft` of this environment on the path."""
    path = f"{Path(WEFT).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env=environment(PATH=path, HOME=str(folder)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    return Done(done.returncode, done.stdout, "")


def makes(target: str) -> None:
    """It is asked what it would do, for it runs these tests, or installs from the network.

    What `make run` runs must be a command that is understood; what comes of it is tested with the offline model.
    """
    done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout
    for line in done.stdout.splitlines():
        if "/weft run " in line:
            words = shlex.split(line)
            with contextlib.chdir(ROOT), click.Context(group) as context:
                command = group.get_command(context, "run")
                assert command is not None
                command.make_context("run", words[2:])


def installs(rest: str) -> None:
    """It names what there is to be installed."""
    wanted = re.fullmatch(r"install '?weft(?:\[(\w+)\])?'?", rest)
    assert wanted is not None
    assert wanted[1] is None or wanted[1] in (metadata("weft").get_all("Provides-Extra") or [])
