"""How a command reaches a run that goes on in another process: a Unix socket in the run's folder, both ends of it.

What a command does to the run is `apply`.

A client sends one line, a command as JSON, and receives one line, the answer; then the connection ends. The socket is
open to its own user only, which the system vouches for where it tells whose the other end is.
"""

from __future__ import annotations

import logging
import os
import pwd
import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

import anyio
from anyio.abc import SocketListener, SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from weft.primitives.errors import WeftError
from weft.runtime.errors import JournalError, Refused, RuntimeFailure, UsageError
from weft.runtime.journal.events import Verb
from weft.runtime.project.folders import RunFolder

__all__ = [
    "AnswerQuestion",
    "Apply",
    "ChangeBudget",
    "ChangeLimits",
    "Command",
    "ContinueRun",
    "PauseRun",
    "Receipt",
    "RetryRun",
    "StopRun",
    "parse_command",
    "refused",
    "send",
    "serving",
]

LOG = logging.getLogger(__name__)

LINE_BYTES = 64 * 1024
"""The longest command."""
COMMAND_S = 5.0
"""How long a client may take to send its command, or to take its answer."""
ANSWER_S = 30.0
"""How long a client waits for an answer; one takes milliseconds."""
MOST_USD, MOST_TOKENS = 1e9, 10**15
"""The highest ceiling that a command may name."""
MOST_AT_WORK = 10_000
"""How many agents at most a command may let be at work."""
CLIENTS = 32
"""Most connections at a time, so that nobody uses up the run's descriptors; others wait for their turn."""


Dollars = Annotated[float, Field(gt=0, le=MOST_USD)]
AtWork = Annotated[int, Field(ge=1, le=MOST_AT_WORK)]
Tokens = Annotated[int, Field(gt=0, le=MOST_TOKENS)]


VERBS: tuple[Verb, ...] = get_args(Verb)


class _Message(BaseModel):
    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class _Command(_Message):
    reason: Annotated[str, Field(max_length=1000)] = ""
    """Why, in the words of whoever sends it."""
    dry_run: bool = False
    """Whether it is only asked what would become of it."""


class PauseRun(_Command):
    """Start no further agents until `ContinueRun`; with `now`, end those at work and the run with them."""

    verb: Literal["pause"] = "pause"
    now: bool = False


class _GoOn(_Command):
    approves: bool = True
    """Whether this is a yes to what goes beyond what was approved, where the run waits for one: a person's."""


class ContinueRun(_GoOn):
    """Start agents again."""

    verb: Literal["continue"] = "continue"


class StopRun(_Command):
    """End the run, or only one agent of it."""

    verb: Literal["stop"] = "stop"
    agent: str | None = None
    """Its number or label."""


class RetryRun(_GoOn):
    """Ask the agents again that were lost."""

    verb: Literal["retry"] = "retry"


class ChangeBudget(_Command):
    """Move the ceiling. What is left out stays as it is."""

    verb: Literal["budget"] = "budget"
    usd: Dollars | None = None
    add_usd: Dollars | None = None
    """To the ceiling there is."""
    tokens: Tokens | None = None
    add_tokens: Tokens | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        dollars, tokens = (self.usd, self.add_usd), (self.tokens, self.add_tokens)
        if dollars + tokens == (None,) * 4:
            raise ValueError("it says neither how many dollars nor how many tokens")
        if None not in dollars or None not in tokens:
            raise ValueError("it says both what the ceiling is and how much is added to it")
        return self


class ChangeLimits(_Command):
    """Change how many agents may be at work. What is left out stays as it is."""

    verb: Literal["limits"] = "limits"
    concurrency: AtWork | None = None
    models: dict[str, AtWork] = {}
    profiles: dict[str, AtWork] = {}

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.concurrency is None and not (self.models or self.profiles):
            raise ValueError("it names no limit")
        return self


class AnswerQuestion(_Command):
    """Answer a question of the harness."""

    verb: Literal["answer"] = "answer"
    ask: str | None = None
    """Its number; the one that is open without."""
    value: str


Command = PauseRun | ContinueRun | StopRun | RetryRun | ChangeBudget | ChangeLimits | AnswerQuestion

_COMMANDS: TypeAdapter[Command] = TypeAdapter(
    Annotated[Command, Field(discriminator="verb")], config=ConfigDict(defer_build=True)
)


class Receipt(_Message):
    """What became of a command."""

    target: str
    """The run, or `RUN/AGENT`."""
    verb: Verb | None
    """`None` where the command could not be understood."""
    applied: bool
    changed: dict[str, tuple[Any, Any]] = {}
    """What is different now, or would be: the value before and the one after, by name."""
    dry_run: bool = False
    """Whether nothing was done, and it would be."""
    detail: str
    """The same in words; or why nothing has changed."""
    fix: str = ""
    """What to do instead."""

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON data, as `--json` prints it; what to do instead is in an error."""
        return self.model_dump(mode="json", exclude={"fix"})


Apply = Callable[[Command, str], Receipt]
"""Does what a command says, as somebody tells it; raises a `RuntimeFailure` where that cannot be done."""


def parse_command(fields: dict[str, Any]) -> Command:
    """Return a command from its fields.

    Raises:
        UsageError: there is no such command.
    """
    try:
        return _COMMANDS.validate_python(fields)
    except ValidationError as error:
        raise UsageError(
            f"this is no command: {_problem(error)}",
            meaning="nothing was sent",
            fix=f"weft {fields.get('verb', '')} --help",
        ) from None


def refused(target: str, verb: object, error: WeftError, *, dry_run: bool = False) -> dict[str, Any]:
    """Return what is told, besides the error, of a command that was refused."""
    known = next((one for one in VERBS if one == verb), None)
    return Receipt(target=target, verb=known, applied=False, dry_run=dry_run, detail=error.what).as_data()


def _problem(error: ValueError) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    said = first["msg"].removeprefix("Value error, ")
    return f"{'.'.join(map(str, first['loc']))}: {said}".removeprefix(": ")


# ------------------------------------------------------------------------------------------------ the run's end


@asynccontextmanager
async def serving(folder: RunFolder, apply: Apply) -> AsyncIterator[None]:
    """Take commands for a run while the block lasts. Where no socket can be, the run goes on without.

    Raises:
        JournalError: a command cannot be recorded, so the run must not go on.
    """
    async with _listening(folder) as listener, anyio.create_task_group() as tasks:
        if listener is not None:
            tasks.start_soon(_serve, listener, folder.id, apply)
        yield
        tasks.cancel_scope.cancel()


@asynccontextmanager
async def _listening(folder: RunFolder) -> AsyncIterator[SocketListener | None]:
    listener = None
    async with AsyncExitStack() as stack:
        try:
            address = stack.enter_context(_address(folder))
            # Also takes the place of a socket that a killed process has left.
            listener = await stack.enter_async_context(await anyio.create_unix_listener(address, mode=0o600))
            stack.callback(_unlink, address)
        except OSError as error:
            LOG.warning("the run goes on, but no command can reach it: %s", error)
        yield listener


def _unlink(address: Path) -> None:
    with suppress(OSError):  # the folder may be gone
        address.unlink()


async def _serve(listener: SocketListener, run: str, apply: Apply) -> None:
    places = anyio.Semaphore(CLIENTS)

    async def converse(stream: SocketStream) -> None:
        try:
            async with stream:
                await _converse(stream, run, apply)
        except (anyio.BrokenResourceError, anyio.IncompleteRead):
            pass  # it has hung up
        finally:
            places.release()

    async with anyio.create_task_group() as tasks:
        while True:
            await places.acquire()
            try:
                stream = await listener.accept()
            except anyio.BrokenResourceError as error:
                LOG.warning("the run goes on, but no further command can reach it: %s", error.__cause__)
                return
            tasks.start_soon(converse, stream)


async def _converse(stream: SocketStream, run: str, apply: Apply) -> None:
    by = _client(stream)
    if by is None:
        return
    try:
        command = _COMMANDS.validate_json(await _line(stream))
    except ValueError as error:
        answer = Receipt(target=run, verb=None, applied=False, detail=f"this is no command: {_problem(error)}")
    else:
        answer = _applied(command, run, apply, by)
    # The command may have ended the run; whoever sent it hears of that all the same.
    with anyio.move_on_after(COMMAND_S, shield=True):
        await stream.send(answer.model_dump_json().encode() + b"\n")


async def _line(stream: SocketStream) -> bytes:
    """Receive a line.

    Raises:
        ValueError: it is too long, or takes too long.
        anyio.IncompleteRead: the other end has hung up.
    """
    try:
        with anyio.fail_after(COMMAND_S):
            return await BufferedByteReceiveStream(stream).receive_until(b"\n", LINE_BYTES)
    except TimeoutError:
        raise ValueError(f"no line came within {COMMAND_S:g} s") from None
    except anyio.DelimiterNotFound:
        raise ValueError(f"no line ends within {LINE_BYTES:,} bytes") from None


def _applied(command: Command, run: str, apply: Apply, by: str) -> Receipt:
    try:
        return apply(command, by)
    except JournalError:
        raise
    except RuntimeFailure as error:
        return Receipt(target=run, verb=command.verb, applied=False, detail=error.what, fix=error.fix or "")
    except Exception as error:  # a fault of ours: what a command says must not end a run that is paid for
        LOG.warning("a command failed, and the run goes on", exc_info=True)
        return Receipt(target=run, verb=command.verb, applied=False, detail=f"{type(error).__name__}: {error}"[:1000])


def _client(stream: SocketStream) -> str | None:
    """Return who is at the other end, as `USER@HOST pid N`; `None` for another user than the one the run belongs to."""
    uid, process = os.geteuid(), ""
    if hasattr(socket, "SO_PEERCRED"):
        connection = stream.extra(anyio.abc.SocketAttribute.raw_socket)
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        pid, uid, _ = struct.unpack("3i", credentials)
        process = f" pid {pid}"
    return f"{_user(uid)}@{socket.gethostname()}{process}" if uid == os.geteuid() else None


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # as in a container that runs under a number
        return str(uid)


# ------------------------------------------------------------------------------------------------ the client's end


async def send(folder: RunFolder, command: Command) -> Receipt:
    """Send a command to the process that executes a run, and return its answer; of a dry run, what would be done.

    Raises:
        Refused: nobody executes the run, or it cannot do that; nothing has changed.
        RuntimeFailure: it has not answered.
    """
    answer = await _asked(folder, command)
    if not (answer.applied or answer.dry_run):
        raise Refused(answer.detail, where=answer.target, meaning="nothing has changed", fix=answer.fix or None)
    return answer


async def _asked(folder: RunFolder, command: Command) -> Receipt:
    try:
        with _address(folder) as address, anyio.fail_after(ANSWER_S):
            async with await anyio.connect_unix(address) as stream:
                await stream.send(command.model_dump_json().encode() + b"\n")
                line = await BufferedByteReceiveStream(stream).receive_until(b"\n", LINE_BYTES)
        return Receipt.model_validate_json(line)
    except (TimeoutError, anyio.BrokenResourceError, anyio.IncompleteRead, anyio.DelimiterNotFound, ValidationError):
        raise RuntimeFailure(
            f"{folder.id} has not answered",
            meaning="it may have done what it was told",
            fix=f"weft show {folder.id} lists the commands it has taken",
        ) from None
    except OSError as error:
        raise _unreachable(folder, command, error) from None


def _unreachable(folder: RunFolder, command: Command, error: OSError) -> Refused:
    if folder.alive:
        return Refused(
            f"{folder.id} takes no commands: {error.__cause__ or error}",
            where=str(folder.path),
            meaning="nothing has changed",
            fix="try again, if it is only beginning or ending; Ctrl-C in its own terminal always works",
        )
    return Refused(
        f"{folder.id} has ended: no process executes it",
        meaning="nothing has changed",
        fix=_instead(folder.id, command),
    )


def _instead(run: str, command: Command) -> str:
    """Return what to do about a run that has ended."""
    match command:
        case ContinueRun() | RetryRun():
            return f"weft resume {run}"
        case AnswerQuestion():
            return f"weft show {run} says what was answered; weft resume {run} asks what a stopped run left open"
        case ChangeBudget(usd=None, add_usd=None):
            return f"weft resume {run} --budget-tokens N"
        case ChangeBudget():
            return f"weft resume {run} --budget USD"
        case ChangeLimits():
            return f"weft resume {run} --concurrency N; limits of models and profiles stand in weft.toml"
        case _:
            return f"weft show {run} says how"


# ------------------------------------------------------------------------------------------------ both ends


@contextmanager
def _address(folder: RunFolder) -> Iterator[Path]:
    """Give the path of the socket: through a descriptor where that works, since such a path may have 107 bytes at most.

    Raises:
        OSError: the folder is gone.
    """
    descriptor = os.open(folder.path, os.O_RDONLY)
    try:
        short = Path(f"/proc/self/fd/{descriptor}")
        yield (short if short.is_dir() else folder.path) / "control.sock"
    finally:
        os.close(descriptor)
