"""The child process: raise the walls, read `Start`, execute the harness, write the last message.

Standard input and output carry the protocol and are moved out of the harness's reach before anything else happens.
"""

from __future__ import annotations

import faulthandler
import gc
import json
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from types import FrameType
from typing import NoReturn

from weft.primitives import calls
from weft.sandbox import world
from weft.sandbox.addresses import turns_anew
from weft.sandbox.confine import confine
from weft.sandbox.execution import compile_main, execute, frame_of, last_frame_of
from weft.sandbox.fork_server import serve
from weft.sandbox.loop import Loop
from weft.sandbox.protocol import (
    ChildMessage,
    Deliver,
    Failed,
    Limits,
    Ready,
    Result,
    Start,
    computed_too_long,
    decode,
    encode,
)

__all__ = ["main", "prepare"]

CHUNK_BYTES = 8 * 1024
"""How much gathers before it is sent: the host takes in what there is while the harness computes what comes next."""


class Channel:
    """The line to the host: messages are buffered and sent when it is the host's turn."""

    def __init__(self) -> None:
        """Take over standard input and output and put nothing in their place. The limits come first."""
        self._input = os.fdopen(os.dup(0), "rb")
        self._output = os.dup(1)
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)
        os.close(nothing)
        self._buffer = bytearray()
        self.limits = Limits(**json.loads(self._input.readline() or _gone()))

    def send(self, message: ChildMessage) -> None:
        """Write a message; it leaves at the next `receive` or `stop`, or when much has gathered.

        Raises:
            TooLarge: it is larger than a frame may be, or than there is memory for.
        """
        self._buffer += frame_of(message, self.limits)
        if len(self._buffer) > CHUNK_BYTES:
            self._flush()

    def receive(self) -> Start | Deliver:
        """Send what is buffered and wait for the host's next message; end quietly when the host is gone."""
        self._flush()
        return decode(self._input.readline() or _gone())

    def stop(self, message: Failed) -> NoReturn:
        """Send a last message and end the process, past every `except` and `finally`."""
        self.leave(encode(message))

    def leave(self, frame: bytes) -> NoReturn:
        """Send a last frame and end the process."""
        self._buffer += frame
        self._flush()
        os._exit(0)

    def _flush(self) -> None:
        # The CPU timer ends the process with a message of its own, which must not come out in the middle of another.
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGVTALRM,))
        waiting, self._buffer = memoryview(self._buffer), bytearray()
        while waiting:
            waiting = waiting[os.write(self._output, waiting) :]
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGVTALRM,))


def _gone() -> NoReturn:
    os._exit(0)


def main() -> NoReturn:
    """Fork children, and in each run one harness for the host and exit."""
    prepare()
    serve()
    channel = Channel()
    limits = channel.limits
    channel.send(Ready(walls=confine(limits)))
    start = channel.receive()
    assert isinstance(start, Start)
    turns_anew()
    compiler = partial(compile_main, language=start.language)  # saved harnesses speak the language of the run
    loop = Loop(start, limits, compile_harness=compiler, send=channel.send, stop=channel.stop)
    calls.install(loop)
    _watch_cpu(limits, loop, channel)
    turns, receive = execute(start, limits, loop), _receiver(limits, channel)
    try:
        next(turns)
        while True:
            turns.send(receive())
    except StopIteration as ended:
        channel.leave(last_frame_of(ended.value, limits, loop))


def prepare() -> None:
    """Load all that a harness may need, and make this interpreter the same in every process; it cannot be undone."""
    warnings.simplefilter("ignore")
    # The host finds the line of the harness in what is written here when the process dies.
    faulthandler.enable(all_threads=False)
    faulthandler.register(signal.SIGPROF, all_threads=False, chain=True)
    world.warm()
    sys.path.clear()
    # Finalisers must run at the same point every time: by reference count, never by the collector.
    gc.disable()


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
        line = loop.lines.of_frame(frame)
        if line is None and (error := sys.exception()):  # the operation that took so long has raised, and was left
            line = loop.lines.of_error(error)
        channel.stop(Failed(kind="cpu", message=computed_too_long(limits), line=line))

    signal.signal(signal.SIGVTALRM, expired)
    _set_timers(limits.cpu_seconds)


def _set_timers(seconds: float) -> None:
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    signal.setitimer(signal.ITIMER_PROF, seconds + _GRACE_SECONDS if seconds else 0)
