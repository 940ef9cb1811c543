"""Programs of the command line as agents: `claude -p`, `codex exec`, or one's own.

What they read and write is `formats`. They are a person's own programs and may do what that person may: each call is on
record as an act, and ends with all that it has started.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from weft.primitives.lost import NOTHING_SPENT, Cause, Spent
from weft.primitives.tools import Acts
from weft.runtime.agents.adapters.asking import meant
from weft.runtime.agents.adapters.formats import FORMATS, UNSAID, Said
from weft.runtime.pause import Pause
from weft.runtime.project.programs import KNOWN_PROGRAMS, Format
from weft.runtime.request import AgentError, AgentReply, AgentRequest
from weft.runtime.settings import OFFLINE
from weft.runtime.watched import let_go, sandbox_roots
from weft.runtime.working import Act, SoFar, acting, keeping, paid
from weft.sandbox.attended import Attended
from weft.sandbox.contained import Ended

__all__ = ["CommandAgents"]

BOOT = "import sys; sys.path += sys.argv[1:]; from weft.sandbox.attended import main; main()"

MOST_WRITTEN = 32 * 1024 * 1024
"""Bytes that a program may write before it is ended."""

MOST_TOLD = 64 * 1024
"""Bytes that are kept of what it writes to standard error: the last."""

MOST_SECONDS = 86_400.0
"""Where the run sets no limit."""

ENDING = 30.0
"""Seconds that it may take to end a program with all that it has started."""


UNTOLD = Spent(untold=1)
"""What a program has cost that could not say so any more."""


@dataclass(slots=True)
class _Written:
    """What a program has written, and how it ended."""

    chunks: list[bytes] = field(default_factory=list)
    told: bytes = b""
    ended: Ended | None = None
    too_much: bool = False

    @property
    def out(self) -> str:
        """Return what it has written to standard output."""
        return b"".join(self.chunks).decode("utf-8", "replace")


class CommandAgents:
    """Answers each agent call with one execution of a program, which reads the prompt from its standard input."""

    def __init__(
        self,
        command: str | Sequence[str],
        *,
        format: Format | None = None,
        folder: Path | str = ".",
        acts: Acts = "manual",
        environment: dict[str, str] | None = None,
    ) -> None:
        """Say what is executed.

        Args:
            command: The program with its words, or the name of a known one: `claude`, `codex`. In a word `{model}`
                means the model of the call, without its provider, `{schema}` its JSON Schema, and `{schema_file}` the
                path of a file with that. Where the call has none the word is left out, and so is the option before it.
                Without `{schema}` the program is told the schema in words.
            format: What it reads and writes; `text` for a program that is not known.
            folder: Where it is executed.
            acts: What an execution does to the world. A resume does not repeat a `manual` one unasked; `reads` for a
                program that changes nothing.
            environment: In place of this process's.

        Raises:
            ValueError: there is no such format, or no word.
        """
        known = KNOWN_PROGRAMS.get(command) if isinstance(command, str) else None
        self._words = known.command if known else (command,) if isinstance(command, str) else tuple(command)
        self._format: Format = format or (known.format if known else "text")
        if self._format not in FORMATS:
            raise ValueError(f"there is no format {format!r}; there are {', '.join(FORMATS)}")
        if not self._words or not all(isinstance(word, str) and word for word in self._words):
            raise ValueError("a command is a list of words, of which none is empty")
        self._folder = Path(folder)
        self._acts: Acts = acts
        self._environment = environment

    @property
    def name(self) -> str:
        """Return what the program is called."""
        return os.path.basename(self._words[0])

    async def __call__(self, request: AgentRequest) -> AgentReply:
        """Answer one attempt.

        Raises:
            AgentError: the program says that it has failed, cannot be executed here, or writes something else.
            Pause: there is no such program.
        """
        folder = _folder(request, self._folder)
        costs = FORMATS[self._format].costs
        act = Act(f"command:{self.name}", request.name, self._acts, f"{request.identity}:{request.attempt}", costs)
        with _schema_file(request, self._words) as schema_file:
            words = _filled(self._words, request, schema_file)
            self._check_program(words[0])
            in_words = not any("{schema" in word for word in self._words)
            written = _Written()
            keeping(lambda: self._so_far(written))
            given = FORMATS[self._format].given(request, in_words)
            async with acting(act):
                try:
                    await self._executed(words, given, folder, request, written)
                except BaseException:  # it is being ended, and can say no more
                    paid(self._cost(written))
                    raise
                said = self._read(written)
        value = await meant(said.text or "", request.schema) if said.value is UNSAID else said.value
        return AgentReply(
            value=value, spent=said.spent, transcript=tuple(said.transcript), answered_by=said.model or self.name
        )

    def _check_program(self, program: str) -> None:
        path = (self._environment or os.environ).get("PATH", os.defpath)
        if shutil.which(program, path=path) is None:
            raise Pause("provider", f"there is no program {program!r} on this machine, which is to answer agents")

    def _said(self, written: _Written) -> Said:
        """Return what it has said by now, as far as that can be read."""
        try:
            return FORMATS[self._format].read(written.out)
        except (ValueError, RecursionError):
            return Said()

    def _so_far(self, written: _Written) -> SoFar:
        said = self._said(written).transcript
        rest = [{"part": "stdout", "content": written.out[-MOST_TOLD:]}] if written.chunks and not said else []
        told = written.told.decode("utf-8", "replace").strip()
        return SoFar((*said, *rest, *([{"part": "stderr", "content": told}] if told else [])))

    def _cost(self, written: _Written) -> Spent:
        """Return what a program has cost that was ended or has failed: what it has told, or that nobody knows."""
        spent = self._said(written).spent
        return spent if spent != NOTHING_SPENT or not FORMATS[self._format].costs else UNTOLD

    async def _executed(
        self, words: list[str], given: str, folder: Path, request: AgentRequest, written: _Written
    ) -> None:
        reading, writing = os.pipe()
        attended = Attended(
            words=words,
            folder=str(folder),
            given=given,
            environment=dict(os.environ if self._environment is None else self._environment),
            seconds=request.timeout or MOST_SECONDS,
            report=writing,
        )
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-s", "-P", "-S", "-X", "utf8", "-c", BOOT, *sandbox_roots()),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                pass_fds=(writing,),
                start_new_session=True,
            )
        except BaseException:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        with os.fdopen(reading, "rb") as report:
            await _heard(process, attended, written)
            written.ended = _ended(report.read())

    def _read(self, written: _Written) -> Said:
        """Return what it said.

        Raises:
            AgentError: no answer, with what it cost all the same.
        """
        told = written.told.decode("utf-8", "replace").strip()
        ended = written.ended
        if ended is not None and ended.problem is not None:
            raise AgentError("crashed", f"{self.name} could not be executed: {ended.problem}")
        cut = _cut(self.name, written, told)
        if cut is not None:
            raise AgentError(*cut, spent=self._cost(written))
        assert ended is not None
        form = FORMATS[self._format]
        try:
            said = form.read(written.out)
        except (ValueError, RecursionError) as error:
            said = Said(failed=self._unread(written, told, error), spent=self._cost(written))
        if ended.status and said.failed is None:
            said.failed = form.told(told) if told else ("crashed", "it said no more", False)
        if said.failed is not None:
            cause, message, passing = said.failed
            code = f"exit code {ended.status}: " if ended.status else ""
            raise AgentError(
                cause, f"{self.name}: {code}{message[-1500:]}", passing=passing, partial=said.text, spent=said.spent
            )
        return said

    def _unread(self, written: _Written, told: str, error: Exception) -> Any:
        """Return why an output means nothing: what the program says of its failure, or that it is in another form."""
        if written.ended is not None and written.ended.status:
            out = written.out.strip()
            return FORMATS[self._format].told(told or out[-1500:] or "it said nothing")
        begins = " ".join(written.out[:200].split())
        return "invalid", f"what it wrote is not in the form {self._format!r} ({error}); it begins {begins!r}", False


def _cut(name: str, written: _Written, told: str) -> tuple[Cause, str] | None:
    """Return why a program was ended before it came to an end of its own, if it was."""
    ended = written.ended
    if written.too_much:
        return "crashed", f"{name} wrote more than {MOST_WRITTEN // 1024**2} MiB, and was ended"
    if ended is None:
        return "crashed", f"whoever watched {name} was ended, and nobody knows how far it came"
    if ended.reason == "time":
        return "timeout", f"{name} took too long, and was ended"
    if ended.reason is not None:
        return "crashed", f"{name} was ended, for it took too much ({ended.reason})"
    if ended.status is not None and ended.status < 0:
        return "crashed", f"{name} was ended by signal {-ended.status}; {told[-1500:]}".rstrip("; ")
    return None


def _folder(request: AgentRequest, folder: Path) -> Path:
    """Return where an agent is at work.

    Raises:
        AgentError: it is to have a working tree of its own, and has none.
    """
    if request.folders:
        return request.folders[0]
    if request.isolation is not None:
        raise AgentError("crashed", f"agent(isolation={request.isolation!r}): nobody has made a worktree for it")
    return folder.absolute()


@contextmanager
def _schema_file(request: AgentRequest, words: Sequence[str]) -> Iterator[str | None]:
    """Write the schema to a file, where the program is to read it there."""
    if request.schema is None or not any("{schema_file}" in word for word in words):
        yield None
        return
    with tempfile.NamedTemporaryFile("w", suffix=".json", prefix="weft-schema-", encoding="utf-8") as file:
        json.dump(request.schema, file)
        file.flush()
        yield file.name


def _filled(words: Sequence[str], request: AgentRequest, schema_file: str | None) -> list[str]:
    """Return the words with what is meant in place of names; without those for which there is nothing.

    Raises:
        AgentError: the program would take the name of the model for an option.
    """
    schema = None if request.schema is None else json.dumps(request.schema)
    model = None if request.model == OFFLINE else request.model.rpartition(":")[2]
    filled: list[str] = []
    for word in words:
        values = {"{model}": model, "{schema}": schema, "{schema_file}": schema_file}
        needed = {name: value for name, value in values.items() if name in word}
        if None in needed.values():
            if filled and filled[-1].startswith("-") and not word.startswith("-"):
                filled.pop()
            continue
        if (needed.get("{model}") or "").startswith("-"):
            raise AgentError("crashed", f"{request.model!r} is no name of a model")
        for name, value in needed.items():
            word = word.replace(name, value or "")  # noqa: PLW2901 - it is the same word, filled in
        filled.append(word)
    return filled


async def _heard(process: asyncio.subprocess.Process, attended: Attended, written: _Written) -> None:
    """Have a program executed, and listen to it. Where this is cancelled it ends with all that it has started."""
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None

    async def out(stream: asyncio.StreamReader, stdin: asyncio.StreamWriter) -> None:
        size = 0
        while data := await stream.read(65536):
            size += len(data)
            if size > MOST_WRITTEN:
                written.too_much = True
                stdin.close()
            else:
                written.chunks.append(data)

    async def told(stream: asyncio.StreamReader) -> None:
        while data := await stream.read(65536):
            written.told = (written.told + data)[-MOST_TOLD:]

    try:
        with suppress(ConnectionError):
            process.stdin.write(json.dumps(asdict(attended)).encode() + b"\n")
            await process.stdin.drain()
        await asyncio.gather(out(process.stdout, process.stdin), told(process.stderr))
        await process.wait()
    finally:
        await let_go(process, ENDING)


def _ended(said: bytes) -> Ended | None:
    try:
        return Ended(**json.loads(said))
    except (ValueError, TypeError):
        return None
