"""The child process: read `Start`, build the world, drive the harness, write the last message.

Standard input and output carry the protocol and are moved out of the harness's reach before anything else happens.
"""

from __future__ import annotations

import gc
import inspect
import os
import signal
import sys
import warnings
from collections.abc import Callable, Coroutine
from types import FrameType
from typing import Any, NoReturn

from weft import primitives
from weft.primitives import calls
from weft.primitives.data import as_json
from weft.primitives.errors import NotJson
from weft.primitives.language import ENTRY, TYPES, VOCABULARY
from weft.sandbox import world
from weft.sandbox.confine import confine
from weft.sandbox.errors import PolicyError
from weft.sandbox.loop import Deadlock, Loop
from weft.sandbox.policy import compile_harness
from weft.sandbox.protocol import ChildMessage, Deliver, Failed, Finished, Limits, Start, decode, encode

__all__ = ["main"]


class Channel:
    """The line to the host: messages are buffered and sent when it is the host's turn."""

    def __init__(self) -> None:
        """Take over standard input and output and put nothing in their place."""
        self._input = os.fdopen(os.dup(0), "rb")
        self._output = os.dup(1)
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)
        os.close(nothing)
        # Not a BufferedWriter: the CPU timer may fire inside a write, and those refuse to be entered twice.
        self._buffer = bytearray()
        self.limits = Limits()

    def send(self, message: ChildMessage) -> None:
        """Write a message; it leaves at the next `receive` or `stop`, or when much has gathered.

        Raises:
            ValueError: it is larger than a frame may be.
        """
        frame = encode(message)
        if len(frame) > self.limits.frame_bytes:
            raise ValueError(f"{len(frame)} bytes in one call; at most {self.limits.frame_bytes} can cross the border")
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
        waiting, self._buffer = memoryview(self._buffer), bytearray()
        while waiting:
            waiting = waiting[os.write(self._output, waiting) :]


def main() -> NoReturn:
    """Run one harness for the host and exit."""
    channel = Channel()
    start = channel.receive()
    assert isinstance(start, Start)
    channel.limits = start.limits
    _prepare(start.limits)
    loop = Loop(start, compile_harness=_compile, send=channel.send, stop=channel.stop)
    calls.install(loop)
    _watch_cpu(loop, channel)
    channel.stop(_execute(start, loop, channel))


def _prepare(limits: Limits) -> None:
    warnings.simplefilter("ignore")
    world.warm()
    sys.path.clear()
    confine(limits)
    # Finalisers must run at the same point every time: by reference count, never by the collector.
    gc.disable()


def _execute(start: Start, loop: Loop, channel: Channel) -> Finished | Failed:
    try:
        entry = _compile(start.source, start.filename, start.args)
        value = loop.run(entry(start.args), _receiver(start.limits, channel))
        return Finished(value=as_json(value))
    except SyntaxError as error:
        return Failed(kind="syntax", message=error.msg, line=error.lineno)
    except PolicyError as error:
        return Failed(kind="policy", message=error.what, line=error.line)
    except NotJson as error:
        steps = loop.steps_of_error(error)
        if steps:
            return _script_failure(error, steps)
        return Failed(kind="not_json", message=f"main returned a value that is not JSON data. {error}")
    except Deadlock as error:
        return Failed(kind="deadlock", message=str(error))
    except Exception as error:  # noqa: BLE001 - whatever the harness raised ends the run and is reported
        return _script_failure(error, loop.steps_of_error(error))


def _script_failure(error: Exception, steps: list[tuple[str, int]]) -> Failed:
    return Failed(
        kind="script",
        message=_described(error),
        line=steps[-1][1] if steps else None,
        trace=tuple(f"{name}, line {line}" for name, line in steps[-20:]),
    )


def _described(error: Exception) -> str:
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - the harness defined __str__, and it fails too
        text = "(its text cannot be shown)"
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


def _receiver(limits: Limits, channel: Channel) -> Callable[[], Deliver]:
    """Return how the loop waits: with the CPU timer stopped while it does."""

    def receive() -> Deliver:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        message = channel.receive()
        signal.setitimer(signal.ITIMER_VIRTUAL, limits.cpu_seconds)
        assert isinstance(message, Deliver)
        return message

    return receive


def _watch_cpu(loop: Loop, channel: Channel) -> None:
    """End the process, naming the line, when the harness computes for too long between two awaits."""
    limit = channel.limits.cpu_seconds

    def expired(_signal: int, frame: FrameType | None) -> NoReturn:
        message = f"the harness computed for more than {limit:g} s without awaiting anything"
        channel.stop(Failed(kind="cpu", message=message, line=loop.line_of_frame(frame)))

    signal.signal(signal.SIGVTALRM, expired)
    signal.setitimer(signal.ITIMER_VIRTUAL, limit)
