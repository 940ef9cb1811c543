"""The keyboard of the terminal in which a run is shown: keys steer it, and lines answer whoever asks something.

Keys do what the commands of the same names do, by the same door: the run's socket. While they are listened to, the
terminal hands over each key by itself and shows none. It is as it was whenever somebody else has it: a question, the
shell after Ctrl-Z, whatever comes after the run.
"""

from __future__ import annotations

import os
import signal
import sys
import termios
import tty
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio

from weft.runtime.cli.output import attended, columns_for, message, show
from weft.runtime.errors import RuntimeFailure
from weft.runtime.page import Table, line, shortened
from weft.runtime.plain import on_one_line
from weft.runtime.views.live import Redrawn

if TYPE_CHECKING:
    from weft.runtime.project.folders import Project
    from weft.runtime.steering.socket import Command
    from weft.runtime.views.live import Progress

__all__ = ["Keyboard", "at_keyboard"]

FOOT = line(("  p pause  c continue  s stop an agent  q leave for lines  Ctrl-C end", "dim"))

LISTED = 12
"""How many agents are listed for one of them to be chosen."""

GLANCE_S = 1.0
"""How often a process in the background of a shell looks whether it has the terminal again, in seconds."""

NAME_COLUMNS = 60
"""Columns of the name of one."""


class Keyboard:
    """Standard input, of which one reads at a time: whoever asks something goes before the keys."""

    def __init__(self, shown: Progress) -> None:
        self._shown = shown
        self._turn = anyio.Lock()
        self._listening: anyio.CancelScope | None = None
        """Left for whoever asks something."""
        self._handed_over = False
        """Whether keys are to be handed over, wherever the process has the terminal."""
        self._continued = anyio.Event()
        """Set once the shell has let the process go on, which may be at its terminal from then on."""
        self._before: list[int | list[bytes | int]] | None = None
        """How the terminal was before it was to hand over keys; `None` while it is like that."""

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[None]:
        """Have the terminal for a question while the block lasts; one at a time has it."""
        if self._listening is not None:
            self._listening.cancel()
        async with self._turn:
            self.rest()
            with self._shown.aside():
                if attended():
                    termios.tcflush(0, termios.TCIFLUSH)  # what was typed before is no answer
                yield

    async def line(self) -> str | None:
        """Return a line that is typed, without its end; `None` where the terminal has none to give."""
        await anyio.wait_readable(0)
        if not attended():  # it was put into the background meanwhile
            return None
        said = os.read(0, 65536)
        return said.decode(errors="replace").strip() if said else None  # nothing at all is Ctrl-D

    async def keys(self) -> AsyncIterator[str]:
        """Yield the keys that are pressed while nobody asks anything, until there is no terminal any more."""
        while True:
            pressed: bytes | None = None
            async with self._turn:
                self._handed_over = True
                self._take()
                with anyio.CancelScope() as self._listening:
                    pressed = await self._pressed()
                cancelled, self._listening = self._listening.cancelled_caught, None
            if pressed == b"":
                return
            if not cancelled and pressed is not None:
                yield pressed.decode(errors="replace")

    async def _pressed(self) -> bytes | None:
        """Return what is typed next: nothing at all at the end, and `None` in the background of the shell."""
        if not attended():
            with anyio.move_on_after(GLANCE_S):  # a shell that fetches a job which goes on tells nobody
                await self._continued.wait()
            return None
        await anyio.wait_readable(0)
        if not attended():  # reading would stop the process
            return None
        try:
            return os.read(0, 64)
        except OSError:  # the terminal is gone
            return b""

    def rest(self) -> None:
        """Hand over no keys before they are listened to again."""
        self._handed_over = False
        self._give_back()

    def _take(self) -> None:
        """Have the terminal hand over each key. In the background of the shell it is not ours."""
        if attended():
            self._before = self._before or termios.tcgetattr(0)
            tty.setcbreak(0, termios.TCSADRAIN)

    def _give_back(self) -> None:
        before, self._before = self._before, None
        if before is not None and attended():
            termios.tcsetattr(0, termios.TCSADRAIN, before)

    async def heed(self) -> None:
        """Let the shell have the terminal whenever it stops the process, as by Ctrl-Z, and take it again after that."""
        with anyio.open_signal_receiver(signal.SIGTSTP, signal.SIGCONT) as signals:
            async for number in signals:
                if number == signal.SIGTSTP:
                    self._give_back()
                    with self._shown.aside():
                        _stop()
                if self._handed_over:
                    self._take()
                    self._continued.set()
                    self._continued = anyio.Event()


def _stop() -> None:
    """Stop the process as the system would: not at all where no shell could let it go on."""
    ours = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
    try:
        os.kill(os.getpid(), signal.SIGTSTP)
    finally:
        signal.signal(signal.SIGTSTP, ours)


@asynccontextmanager
async def at_keyboard(shown: Progress, project: Project) -> AsyncIterator[Keyboard | None]:
    """Listen to keys while the block lasts, and give who asks questions; nothing where no terminal is there to type at.

    Keys are for a block that is redrawn: a log has no place to say what they do.
    """
    if not sys.stdin.isatty() or columns_for(err=True) is None:
        yield None
        return
    keyboard = Keyboard(shown)
    if not isinstance(shown, Redrawn) or signal.getsignal(signal.SIGTSTP) is signal.SIG_IGN:
        yield keyboard
        return
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(keyboard.heed)
        tasks.start_soon(_steering, keyboard, shown, project)
        try:
            yield keyboard
        finally:
            tasks.cancel_scope.cancel()
            keyboard.rest()


async def _steering(keyboard: Keyboard, shown: Redrawn, project: Project) -> None:
    from weft.runtime.steering.socket import ContinueRun, PauseRun

    shown.foot = FOOT
    async for keys in keyboard.keys():
        match keys[-1]:
            case "p":
                await _send(PauseRun(), shown, project)
            case "c":
                await _send(ContinueRun(), shown, project)
            case "s":
                await _stop_one(keyboard, shown, project)
            case "q":
                keyboard.rest()
                shown.leave()
                return


async def _send(command: Command, shown: Redrawn, project: Project) -> None:
    """Send a command to the run that is shown. What comes of it is an event; what does not is said."""
    from weft.runtime.steering.socket import send

    if shown.state.started is None:
        return
    try:
        await send(project.find_run(shown.state.started.run), command)
    except RuntimeFailure as error:
        shown.say(message(error))


async def _stop_one(keyboard: Keyboard, shown: Redrawn, project: Project) -> None:
    """Ask which of the agents at work is to be stopped, and stop it."""
    from weft.runtime.steering.socket import StopRun

    working = [agent for agent in shown.state.agents.values() if agent.standing in ("running", "waiting")]
    if not working:
        shown.say([line(("no agent is at work", "dim"))])
        return
    rows = [
        (line((str(agent.called.id), "dim")), line(shortened(on_one_line(agent.called.request.name), NAME_COLUMNS)))
        for agent in working[:LISTED]
    ]
    more = f"; {len(working) - LISTED} more are at work" if len(working) > LISTED else ""
    async with keyboard.asking():
        show([Table(tuple(rows), indent=2, right=frozenset({0}))], err=True)
        show(
            [line(("? ", "warning"), f"Which is to be stopped, by its number?{more}  ", ("Enter: none", "dim"))],
            err=True,
        )
        said = await keyboard.line()
    if said:
        await _send(StopRun(agent=said), shown, project)
