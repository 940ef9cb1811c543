"""Questions of a harness to whoever is at the terminal of its run. Elsewhere `weft answer` does it."""

from __future__ import annotations

from getpass import getuser
from typing import TYPE_CHECKING

from weft.primitives.calls import Question
from weft.runtime.cli.output import attended, show
from weft.runtime.helping import Helper, HostReply, HostRequest, away, fitting
from weft.runtime.page import line
from weft.runtime.plain import plain

if TYPE_CHECKING:
    from weft.runtime.cli.keyboard import Keyboard

__all__ = ["people"]


def people(keyboard: Keyboard | None) -> Helper:
    """Return who answers questions: whoever is at the keyboard; without one they are open to `weft answer`."""
    return away if keyboard is None else AtTerminal(keyboard)


class AtTerminal:
    """Asks whoever is at the terminal, one question at a time; implements `Helper`."""

    def __init__(self, keyboard: Keyboard) -> None:
        self._keyboard = keyboard

    async def __call__(self, request: HostRequest) -> HostReply | None:
        """Ask, until there is an answer; where this terminal gives none, others may."""
        if not isinstance(request.call, Question):
            return None
        said = None
        if attended():
            async with self._keyboard.asking():
                said = await _asked(request.call, self._keyboard)
        return await away(request) if said is None else HostReply(value=said, by="terminal", who=getuser())


async def _asked(question: Question, keyboard: Keyboard) -> str | None:
    """Return the answer; `None` where the terminal has none to give."""
    offered = f"  [{', '.join(question.choices)}]" if question.choices else ""
    show(["", line(("? ", "warning"), (plain(question.text), "strong"), plain(offered), hang=2)], err=True)
    show([line((f"  Enter: {plain(question.default)}", "dim"))], err=True)
    while True:
        text = await keyboard.line()
        if text is None:
            return None
        answer = fitting(question, text) if text else question.default
        if answer is not None:
            return answer
        show([line(f"  {plain(text)} is none of these: {plain(', '.join(question.choices or ()))}", hang=2)], err=True)
