"""The child process: read `Start`, build the world, drive the harness, write the last message.

Standard input and output carry the protocol and are moved out of the harness's reach before anything else happens.
"""

from __future__ import annotations

import faulthandler
import gc
import inspect
import json
import os
import signal
import sys
import warnings
from collections.abc import Callable, Coroutine, Iterable, Iterator
from types import FrameType
from typing import Any, NoReturn

from weft import primitives
from weft.primitives import calls
from weft.primitives.data import as_json
from weft.primitives.errors import NotJson
from weft.primitives.language import ENTRY, TYPES, VOCABULARY
from weft.sandbox import world
from weft.sandbox.addresses import hide_addresses
from weft.sandbox.confine import confine
from weft.sandbox.errors import PolicyError
from weft.sandbox.loop import Deadlock, Loop, TooLarge
from weft.sandbox.policy import compile_harness
from weft.sandbox.protocol import (
    ChildMessage,
    Deliver,
    Failed,
    Finished,
    Limits,
    Ready,
    Result,
    Start,
    Wall,
    computed_too_long,
    decode,
    encode,
)

__all__ = ["main"]


class Channel:
    """The line to the host: messages are buffered and sent when it is the host's turn."""

    def __init__(self, limits: Limits) -> None:
        """Take over standard input and output and put nothing in their place."""
        self._input = os.fdopen(os.dup(0), "rb")
        self._output = os.dup(1)
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)
        os.close(nothing)
        self._buffer = bytearray()
        self._limits = limits

    def send(self, message: ChildMessage) -> None:
        """Write a message; it leaves at the next `receive` or `stop`, or when much has gathered.

        Raises:
            TooLarge: it is larger than a frame may be, or than there is memory for.
        """
        try:
            frame = encode(message)
        except MemoryError:
            raise TooLarge("there is not enough memory to pass it on: pass on less at once") from None
        if len(frame) > self._limits.frame_bytes:
            most = self._limits.frame_bytes
            raise TooLarge(f"this takes {len(frame):,} bytes, and {most:,} can be passed on at once: pass on less")
        self._buffer += frame
        if len(self._buffer) > 1024 * 1024:
            self._flush()

    def receive(self) -> Start | Deliver:
        """Send what is buffered and wait for the host's next message; end quietly when the host is gone."""
        self._flush()
        line = self._input.readline()
        if not line:
            os._exit(0)
        return decode(line)

    def stop(self, message: Finished | Failed) -> NoReturn:
        """Send a last message and end the process, past every `except` and `finally`."""
        self.send(message)
        self._flush()
        os._exit(0)

    def _flush(self) -> None:
        # The CPU timer ends the process with a message of its own, which must not come out in the middle of another.
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGVTALRM,))
        waiting, self._buffer = memoryview(self._buffer), bytearray()
        while waiting:
            waiting = waiting[os.write(self._output, waiting) :]
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGVTALRM,))


def main(limits_json: str) -> NoReturn:
    """Run one harness for the host and exit. The limits are those of `protocol.Limits`, as JSON."""
    limits = Limits(**json.loads(limits_json))
    channel = Channel(limits)
    channel.send(Ready(walls=_prepare(limits)))
    start = channel.receive()
    assert isinstance(start, Start)
    loop = Loop(start, limits, compile_harness=_compile, send=channel.send, stop=channel.stop)
    calls.install(loop)
    _watch_cpu(limits, loop, channel)
    last = _execute(start, limits, loop, _receiver(limits, channel))
    try:
        channel.stop(last)
    except TooLarge as error:
        message = f"main returned more than a result can hold: {error}"
        channel.stop(Failed(kind="limit", message=message, line=loop.returned_at))


def _prepare(limits: Limits) -> tuple[Wall, ...]:
    warnings.simplefilter("ignore")
    # The host finds the line of the harness in what is written here when the process dies.
    faulthandler.enable(all_threads=False)
    faulthandler.register(signal.SIGPROF, all_threads=False, chain=True)
    world.warm()
    hide_addresses()
    sys.path.clear()
    # Finalisers must run at the same point every time: by reference count, never by the collector.
    gc.disable()
    return confine(limits)


def _execute(start: Start, limits: Limits, loop: Loop, receive: Callable[[], Iterable[Result]]) -> Finished | Failed:
    try:
        entry = _compile(start.source, start.filename, start.args)
        value = loop.run(entry(start.args), receive)
    except SyntaxError as error:
        return Failed(kind="syntax", message=error.msg, line=error.lineno)
    except PolicyError as error:
        return Failed(kind="policy", message=error.what, line=error.line)
    except Deadlock as error:
        return Failed(kind="deadlock", message=str(error), line=error.line)
    except Exception as error:  # noqa: BLE001 - whatever the harness raised ends the run and is reported
        return _script_failure(error, limits, loop)
    try:
        return Finished(value=as_json(value))
    except NotJson as error:
        message = f"main returned a value that is not JSON data. {error}"
        return Failed(kind="not_json", message=message, line=loop.returned_at)


def _script_failure(error: Exception, limits: Limits, loop: Loop) -> Failed:
    trace = tuple(loop.lines.trace(error)[-20:])
    return Failed(kind="script", message=_described(error, limits), line=loop.lines.of_error(error), trace=trace)


def _described(error: Exception, limits: Limits) -> str:
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - the harness defined __str__, and it fails too
        text = "(its text cannot be shown)"
    if type(error) is MemoryError and not text:
        text = f"the harness needed more than {limits.memory_bytes >> 20} MB"
    return f"{type(error).__name__}: {text}"[:10_000].encode("utf-8", "replace").decode()


def _compile(source: str, filename: str, args: Any) -> Callable[[Any], Coroutine[Any, Any, Any]]:
    """Compile a harness and execute its module level in a world of its own; return its `main`."""
    code = compile_harness(source, filename)
    vocabulary = {name: getattr(primitives, name) for name in (*VOCABULARY, *TYPES)} | {"args": args}
    names = world.build_world(vocabulary, name=filename)
    exec(code, names)
    entry = names.get(ENTRY)
    if not inspect.iscoroutinefunction(entry):
        raise PolicyError(f"the harness has no `async def {ENTRY}(args)`, so there is nothing to run")
    return entry


_GRACE_SECONDS = 0.5


def _receiver(limits: Limits, channel: Channel) -> Callable[[], Iterator[Result]]:
    """Return how the loop waits: with the CPU timers stopped while it does, and started anew for each result.

    How many results come at once is chance, and differs in a replay. It must not decide how long each may take.
    """

    def receive() -> Iterator[Result]:
        _set_timers(0)
        message = channel.receive()
        assert isinstance(message, Deliver)
        for result in message.results:
            _set_timers(limits.cpu_seconds)
            yield result

    return receive


def _watch_cpu(limits: Limits, loop: Loop, channel: Channel) -> None:
    """End the process, naming the line, when the harness computes for too long between two awaits.

    Python handles the first timer between two of its instructions. One that takes long itself, such as a large power
    or a regular expression, lets the second timer expire, which ends the process whatever it does.
    """

    def expired(_signal: int, frame: FrameType | None) -> NoReturn:
        channel.stop(Failed(kind="cpu", message=computed_too_long(limits), line=loop.lines.of_frame(frame)))

    signal.signal(signal.SIGVTALRM, expired)
    _set_timers(limits.cpu_seconds)


def _set_timers(seconds: float) -> None:
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    signal.setitimer(signal.ITIMER_PROF, seconds + _GRACE_SECONDS if seconds else 0)
