"""The tool that runs commands: which command is meant, what it may reach, and what the agent is told of it.

It is executed by `contained`. There is no shell: what a person has granted is held against the words that are executed.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import time
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from weft.runtime.granted import COMMANDS_CONNECT, COMMANDS_READ, COMMANDS_WRITE
from weft.runtime.plain import on_one_line
from weft.runtime.tools.contained import MOST_WRITTEN, Output, contained, environment, system_files
from weft.runtime.tools.refusing import ToolRefused
from weft.runtime.tools.tool import Calling
from weft.runtime.tools.unseen import Unseen, unseen, without_credentials
from weft.runtime.watched import executed_below
from weft.sandbox.contained import Command, Ended
from weft.sandbox.repositories import REDIRECTING

__all__ = [
    "MOST_SECONDS",
    "USUAL_SECONDS",
    "command_line",
    "is_command",
    "run_command",
    "stays_inside",
]

MOST_SECONDS, USUAL_SECONDS = 540, 120
LONGEST = 30_000
"""Characters of a command."""

GUARDED = (".weft",)
"""What a command may not change of a folder, besides what git goes by: what a run keeps."""

MOST_NAMED = 10
"""Places that are named of those that were put aside."""

OWN = ("dev", "proc", "tmp")
"""Of which a command has one of its own."""

_OPERATORS = frozenset("|&;<>()`\n\r")
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_UNSEEN = dict.fromkeys((code for code in range(32) if chr(code) not in "\t\n"), "\N{REPLACEMENT CHARACTER}")


def command_line(arguments: Mapping[str, Any]) -> str:
    """Return the command of a call as permissions know it: its words, quoted where they have to be.

    Raises:
        ToolRefused: it is none, or one for a shell.
    """
    return shlex.join(_words(str(arguments["command"])))


def is_command(pattern: str, command: str) -> bool:
    """Whether a pattern of a permission is about a command, word by word.

    `*` stands for a part of a word, and at the beginning of one for no option; `**`, and `*` at the end, for any words.
    """
    return _pattern(pattern).fullmatch("\0".join(shlex.split(command))) is not None


@lru_cache(maxsize=256)
def _pattern(pattern: str) -> re.Pattern[str]:
    try:
        words = "\0".join(shlex.split(pattern))
    except ValueError:  # a quote that does not end is one of the words
        words = "\0".join(pattern.split())
    parts = re.split(r"(\*\*|\0\*(?!\*)|\*|\?)", words)
    meant = {"**": ANY, "\0*": r"\0(?!-)[^\0]*", "*": r"[^\0]*", "?": r"[^\0]"}
    regular = [meant.get(part) or re.escape(part) for part in parts]
    match parts:
        case ["", "*", ""] | [*_, "\0*" | "*", ""] if "\0" in words or words == "*":
            regular[-2] = parts[-2].replace("*", ANY)
        case [*_, "*", ""]:  # a program, whose name goes on as names do, with any words
            regular[-2] = rf"[\w@%+=:,.-]*(?:\0{ANY})?"
    return re.compile("".join(regular))


ANY = r"[\s\S]*"


def _words(command: str) -> list[str]:
    if "\0" in command or len(command) > LONGEST:
        raise ToolRefused(f"a command has no NUL, and at most {LONGEST:,} characters")
    found = _operator(command)
    if found is not None:
        raise ToolRefused(
            f"there is no shell here, so {found!r} means nothing: one call for each command, with words as a shell "
            "would read them; quote what is to be taken as it is"
        )
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise ToolRefused(f"the command cannot be read: {error}") from None
    if not words or not words[0]:
        raise ToolRefused("the command is empty")
    return words


def _operator(command: str) -> str | None:
    """Return what a shell would act on in a command, outside of quotes."""
    quote, letters = "", iter(command.strip())
    for letter in letters:
        if letter == "\\" and quote != "'":
            next(letters, None)
        elif quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in _OPERATORS:
            return letter
    return None


async def run_command(at: Calling, arguments: dict[str, Any]) -> str:
    """Run one command, and return how it ended and what it wrote."""
    words = _words(arguments["command"])
    seconds = min(max(int(arguments.get("timeout", USUAL_SECONDS)), 1), MOST_SECONDS)
    command = _command(at, words, str(arguments.get("folder", "")), seconds, await unseen(at.folders))
    at.touched[f"run_command({json.dumps(shlex.join(words), ensure_ascii=False)})"] = None
    began = time.monotonic()
    output = await contained(command)
    return _told(output, command, time.monotonic() - began)


def stays_inside(at: Calling) -> bool:
    """Whether commands reach nothing but the folders: nobody has granted them the network, or files besides."""
    return not any(grant.tool in (COMMANDS_CONNECT, COMMANDS_WRITE) for grant in at.grants)


def _command(at: Calling, words: list[str], folder: str, seconds: int, apart: Unseen) -> Command:
    """Return a command with what it may reach.

    Raises:
        ToolRefused: there is no such folder or program.
    """
    around = environment()
    if "/" not in words[0] and shutil.which(words[0], path=around["PATH"]) is None:
        raise ToolRefused(f"there is no program {words[0]!r} on this machine")
    root, parts = at.folders.place(folder)
    if str(root) == os.sep:
        raise ToolRefused("no command is run where all files of the machine are in reach")
    for seen in at.folders.roots:
        try:
            os.close(at.folders.opened(seen))
        except OSError as error:
            raise ToolRefused(f"{seen} cannot be entered: {error.strerror}") from None
    reads, writes = (_paths(at, name) for name in (COMMANDS_READ, COMMANDS_WRITE))
    granted = [os.sep] if reads is None or writes is None else [*reads, *writes]
    if reads is None:
        reads = [f"/{name}" for name in os.listdir("/") if name not in OWN]
    repository = _repository(root)
    configurations = [f"{path}/config" for path in (*apart.repositories, *repository)]
    return Command(
        words=words,
        folder=str(root.joinpath(*parts)),
        readable=[*system_files(), *map(str, at.folders.roots), *repository, *reads],
        writable=[str(root), *(writes or ())],
        guarded=[*(str(root / name) for name in GUARDED), *_of_git(apart.repositories)],
        kept=executed_below(root),
        hidden=[path for path in apart.hidden if not any(Path(path).is_relative_to(named) for named in granted)],
        instead=without_credentials(configurations),
        files=writes is None,
        network=any(grant.tool == COMMANDS_CONNECT for grant in at.grants),
        environment=around,
        seconds=seconds,
    )


def _of_git(repositories: Iterable[str]) -> Iterator[str]:
    """Yield what tells git what to execute, of the repositories below a folder."""
    for path in repositories:
        if os.path.isdir(path):
            yield from (f"{path}/{name}" for name in REDIRECTING)
        else:
            yield path


def _paths(at: Calling, name: str) -> list[str] | None:
    """Return the paths that are granted by this name; `None` for all.

    A link within the folders is not followed, for a command may have put it there.
    """
    patterns = [re.sub(r"/\*\*?$", "/", grant.pattern or os.sep) for grant in at.grants if grant.tool == name]
    named = [os.path.abspath(os.path.expanduser(pattern)) for pattern in patterns]
    real = [(path, os.path.realpath(path)) for path in named]
    within = tuple(f"{root}/" for root in at.folders.roots)
    paths = [found for path, found in real if found == path or not path.startswith(within)]
    return None if os.sep in paths else paths


def _repository(root: Path) -> list[str]:
    """Return where the repository of a git worktree is, if the folder is one.

    The file that says so could name any place; that place must know of this worktree, as git itself asks.
    """
    try:
        said = re.fullmatch(r"gitdir: (.+)\n?", (root / ".git").read_text())
        if said is None:
            return []
        own = (root / said[1]).resolve(strict=True)
        known = own / (own / "gitdir").read_text().strip()
        return [str((own / (own / "commondir").read_text().strip()).resolve())] if known == root / ".git" else []
    except (OSError, ValueError):
        return []


def _told(output: Output, command: Command, seconds: float) -> str:
    """Return what the agent is told.

    Raises:
        ToolRefused: nothing was executed.
    """
    ended = output.ended
    if ended.problem is not None and ended.status is None:
        raise ToolRefused(f"{command.words[0]}: {ended.problem}")
    head = f"{_how(ended, command)} after {seconds:.1f} s"
    if ended.left:
        head += f"; {ended.left} processes that it had left were ended with it"
    if ended.undone:
        named = ", ".join(map(on_one_line, ended.undone[:MOST_NAMED]))
        more = " and more" if len(ended.undone) > MOST_NAMED else ""
        head += f"; what git would go by here was put aside or taken back: {named}{more}"
    return f"{head}\n{_plain(output.text()).rstrip(chr(10)) or '(it wrote nothing)'}"


def _how(ended: Ended, command: Command) -> str:
    if ended.reason is not None:
        most = {
            "time": f"took more than {command.seconds:g} s",
            "memory": f"took more than {command.memory_bytes // 1024**2:,} MiB of memory",
            "processes": f"had more than {command.processes} processes at once",
            "disk": "left hardly any room on the disk",
            "unwanted": f"wrote more than {MOST_WRITTEN // 1024**2} MiB",
        }
        return f"it {most[ended.reason]}, and was ended"
    status = ended.status or 0
    if status >= 0:
        return f"exit code {status}"
    try:
        return f"ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"ended by signal {-status}"


def _plain(text: str) -> str:
    """Return what a command wrote as a person would have seen it: without colours, and without what it wrote over."""
    lines = (line.rstrip("\r").rpartition("\r")[2] for line in _ESCAPES.sub("", text).split("\n"))
    return "\n".join(lines).translate(_UNSEEN)
