"""Questions of a harness to whoever is at the terminal of its run. Elsewhere `weft answer` does it."""

from __future__ import annotations

import os
import sys
import termios
from getpass import getuser
from typing import TYPE_CHECKING

import anyio

from weft.primitives.calls import Question
from weft.runtime.cli.output import attended, columns_for, show
from weft.runtime.helping import Helper, HostReply, HostRequest, away, fitting
from weft.runtime.page import line
from weft.runtime.plain import plain

if TYPE_CHECKING:
    from weft.runtime.views.live import Progress

__all__ = ["people"]


def people(shown: Progress) -> Helper:
    """Return who answers questions: whoever is at the terminal; without one they are open to `weft answer`."""
    return AtTerminal(shown) if sys.stdin.isatty() and columns_for(err=True) is not None else away


class AtTerminal:
    """Asks whoever is at the terminal, one question at a time; implements `Helper`."""

    def __init__(self, shown: Progress) -> None:
        self._shown = shown
        self._terminal = anyio.Lock()

    async def __call__(self, request: HostRequest) -> HostReply | None:
        """Ask, until there is an answer; where this terminal gives none, others may."""
        if not isinstance(request.call, Question):
            return None
        async with self._terminal:
            said = None
            if attended():
                with self._shown.aside():
                    said = await _asked(request.call)
        return await away(request) if said is None else HostReply(value=said, by="terminal", who=getuser())


async def _asked(question: Question) -> str | None:
    """Return the answer; `None` where the terminal has none to give."""
    termios.tcflush(0, termios.TCIFLUSH)  # what was typed before is no answer
    offered = f"  [{', '.join(question.choices)}]" if question.choices else ""
    show(["", line(("? ", "warning"), (plain(question.text), "strong"), plain(offered), hang=2)], err=True)
    show([line((f"  Enter: {plain(question.default)}", "dim"))], err=True)
    while True:
        await anyio.wait_readable(0)
        if not attended():  # it was put into the background meanwhile
            return None
        said = os.read(0, 65536)
        if not said:  # Ctrl-D
            return None
        text = said.decode(errors="replace").strip()
        answer = fitting(question, text) if text else question.default
        if answer is not None:
            return answer
        show([line(f"  {plain(text)} is none of these: {plain(', '.join(question.choices or ()))}", hang=2)], err=True)
