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

from weft.runtime.cli.keys import (
    AT_WORK,
    agent_name,
    answered,
    asks_budget,
    asks_question,
    foot,
    keys_table,
    new_budget,
    open_question,
    paused_or_not,
)
from weft.runtime.cli.output import attended, columns_for, message, show
from weft.runtime.errors import RuntimeFailure, UsageError
from weft.runtime.page import Table, line
from weft.runtime.views.live import Redrawn

if TYPE_CHECKING:
    from weft.runtime.project.folders import Project
    from weft.runtime.steering.socket import Command
    from weft.runtime.views.live import Progress

__all__ = ["Keyboard", "at_keyboard"]

LISTED = 12
"""How many agents are listed for one of them to be chosen."""

GLANCE_S = 1.0
"""How often a process in the background of a shell looks whether it has the terminal again, in seconds."""


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
        """Return a line that is typed, without its end; `None` where there is none, or one with an Escape in it."""
        await anyio.wait_readable(0)
        if not attended():  # it was put into the background meanwhile
            return None
        said = os.read(0, 65536).decode(errors="replace")
        return None if not said or "\x1b" in said else said.strip()  # nothing at all is Ctrl-D

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

    async def heed(self, shown: Redrawn) -> None:
        """Let the shell have the terminal whenever it stops the process, as by Ctrl-Z, and take it again after that."""
        with anyio.open_signal_receiver(signal.SIGTSTP, signal.SIGCONT) as signals:
            expected = False
            async for number in signals:
                if number == signal.SIGTSTP:
                    self._give_back()
                    with shown.aside():
                        _stop()
                elif not expected:  # it was stopped by what nobody is told of, with the block on the terminal
                    shown.again()
                expected = number == signal.SIGTSTP
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
    at_terminal = sys.stdin.isatty() and columns_for(err=True) is not None
    keyboard = Keyboard(shown)
    if not isinstance(shown, Redrawn) or signal.getsignal(signal.SIGTSTP) is signal.SIG_IGN:
        yield keyboard if at_terminal else None
        return
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(keyboard.heed, shown)
        if at_terminal:
            tasks.start_soon(_Steering(keyboard, shown, project).listen)
        try:
            yield keyboard if at_terminal else None
        finally:
            tasks.cancel_scope.cancel()
            keyboard.rest()


class _Steering:
    """Does what keys say."""

    def __init__(self, keyboard: Keyboard, shown: Redrawn, project: Project) -> None:
        self._keyboard = keyboard
        self._shown = shown
        self._project = project

    async def listen(self) -> None:
        """Do what keys say, until somebody leaves the block or the terminal is gone."""
        does = {
            "p": lambda: self._send(paused_or_not(self._shown.state)),
            "x": self._stop_one,
            "a": self._answer,
            "b": self._change_budget,
            "r": self._retry,
            "?": self._tell_keys,
        }
        self._shown.foot = foot()
        async for keys in self._keyboard.keys():
            if keys[-1] == "q":
                self._keyboard.rest()
                self._shown.leave()
                return
            if keys in does:  # of several at once, as of an arrow, none is meant
                await does[keys]()

    async def _send(self, command: Command) -> None:
        """Send a command to the run that is shown. What comes of it is an event; what does not is said."""
        from weft.runtime.steering.socket import send

        if self._shown.state.started is None:
            return
        try:
            await send(self._project.find_run(self._shown.state.started.run), command)
        except RuntimeFailure as error:
            self._shown.say(message(error))

    async def _asked(self, question: str, above: Table | None = None) -> str | None:
        async with self._keyboard.asking():
            show([*([] if above is None else [above]), line(("? ", "warning"), question, hang=2)], err=True)
            said = await self._keyboard.line()
        if said is None:
            self._shown.say([line(("nothing was answered, and nothing was done", "dim"))])
        return said

    async def _tell_keys(self) -> None:
        self._shown.say([keys_table(block=True)])

    async def _retry(self) -> None:
        from weft.runtime.steering.socket import RetryRun

        await self._send(RetryRun())

    async def _stop_one(self) -> None:
        """Ask which of the agents at work is to be stopped, and stop it."""
        from weft.runtime.steering.socket import StopRun

        working = [agent for agent in self._shown.state.agents.values() if agent.standing in AT_WORK]
        if not working:
            self._shown.say([line(("no agent is at work", "dim"))])
            return
        rows = tuple((line(agent_name(agent)),) for agent in working[:LISTED])
        more = f"; {len(working) - LISTED} more are at work" if len(working) > LISTED else ""
        question = f"Which is to be stopped, by its number? Its answer is lost{more}  (Enter: none)"
        said = await self._asked(question, Table(rows, indent=2))
        if said:
            await self._send(StopRun(agent=said))

    async def _answer(self) -> None:
        found = open_question(self._shown.state)
        if found is None:
            self._shown.say([line(("no question is open", "dim"))])
            return
        said = await self._asked(asks_question(found[1]))
        if said is not None:
            await self._send(answered(*found, said))

    async def _change_budget(self) -> None:
        said = await self._asked(asks_budget(self._shown.state))
        if said:
            try:
                command = new_budget(self._shown.state, said)
            except UsageError as error:
                self._shown.say(message(error))
            else:
                await self._send(command)
