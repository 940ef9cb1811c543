"""Commands of weft as processes of their own, started by another program: what they print as JSON, and what went wrong.

Such a process asks for a yes, keeps to its ceiling and confines harnesses as at a terminal, and outlives whoever has
started it. What of that is granted to whom is `granted`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import anyio

from weft.primitives.lost import Spent
from weft.runtime.errors import RuntimeFailure
from weft.runtime.plain import plain

__all__ = ["MOST_BYTES", "Child", "CommandFailed"]

MOST_BYTES = 16_000_000
"""How much of what a command prints is read."""

GLANCE_S = 0.05
"""Seconds between two looks at whether a command has ended."""

LAST = 2_000
"""How much is told of what a command that ended without an answer has complained of."""


class CommandFailed(RuntimeFailure):
    """A command ended with an error, whose parts are those of this one."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(
            str(error.get("message")), where=error.get("where"), meaning=error.get("meaning"), fix=error.get("fix")
        )
        self.type = str(error.get("type"))
        """The name of the error's class."""


class Child:
    """One command. What it prints is in files that go with it, so that no pipe can hold it up."""

    def __init__(self, folder: Path, words: Sequence[str], arguments: Any = None) -> None:
        """Start `weft WORDS` in a folder; arguments of a harness, if there are any, as JSON on its standard input.

        Raises:
            OSError: the system starts no further process.
        """
        self._said: IO[bytes] = TemporaryFile()  # noqa: SIM115  see `close`
        self._complained: IO[bytes] = TemporaryFile()  # noqa: SIM115
        self._left: tuple[bytes, str] | None = None
        with TemporaryFile() as given:
            if arguments is not None:
                given.write(json.dumps(arguments).encode())
                given.seek(0)
            # Not from the folder, which may have a module `weft` of its own; in a session of its own, which no signal
            # to whoever started it reaches.
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "weft", *words],
                cwd=folder,
                stdin=given,
                stdout=self._said,
                stderr=self._complained,
                start_new_session=True,
            )

    @property
    def number(self) -> int:
        """Return the number of its process."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether it has come to its end."""
        return self._process.poll() is not None

    async def end(self, *, goes_on: bool = False) -> None:
        """Wait for its end; where nobody does any more, end it too, unless it goes on."""
        try:
            while not self.ended:
                await anyio.sleep(GLANCE_S)
        except anyio.get_cancelled_exc_class():
            if not goes_on:
                self._process.kill()
                self._process.wait()
                self.close()
            raise

    def answer(self) -> Any:
        """Return the JSON that it has printed, once it has ended.

        Raises:
            CommandFailed: that is an error before anything was done.
            RuntimeFailure: it has printed none, or too much.
        """
        said, complained = self.close()
        if len(said) > MOST_BYTES:
            raise RuntimeFailure(
                f"weft has answered with more than the {MOST_BYTES:,} bytes that are taken",
                fix="ask for less of it, such as one name in place of all",
            )
        try:
            data = json.loads(said)
        except (ValueError, RecursionError):
            raise RuntimeFailure(
                f"weft has ended with {self._process.returncode} and without an answer",
                where=complained or None,
                fix="weft doctor, in a terminal, tells what is missing on this machine",
            ) from None
        if isinstance(data, dict) and isinstance(data.get("error"), dict) and not data.get("run"):
            raise CommandFailed(data["error"])
        return data

    def spent(self) -> Spent | None:
        """Return what it says that it has spent, once it has ended; `None` where it does not say so."""
        try:
            data = json.loads(self.close()[0])
            told = data.get("spent") if "error" in data else (data["forecast"]["written"] or {})
            return Spent(told.get("input_tokens", 0), told.get("output_tokens", 0), told.get("usd", 0.0))
        except (ValueError, RecursionError, LookupError, TypeError, AttributeError):  # it came to no such answer
            return None

    def close(self) -> tuple[bytes, str]:
        """Close its files, and return what was in them: its answer, and the end of what it complained of."""
        if self._left is None:
            with self._said, self._complained:
                self._said.seek(0)
                end = self._complained.seek(0, os.SEEK_END)
                self._complained.seek(max(0, end - LAST))
                complained = self._complained.read(LAST).decode(errors="replace")
                self._left = self._said.read(MOST_BYTES + 1), plain(complained).strip()
        return self._left
