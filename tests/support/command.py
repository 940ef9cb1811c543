"""The `weft` command as a person runs it: in a folder of its own, and where that matters in a process of its own."""

from __future__ import annotations

import atexit
import contextlib
import faulthandler
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from weft.runtime.cli import main

NOBODYS = tempfile.mkdtemp(prefix="weft-home-")
"""A home in which nothing is but what this process has approved."""

atexit.register(shutil.rmtree, NOBODYS, ignore_errors=True)

WEFT = str(Path(sys.executable).with_name("weft"))


@dataclass
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, which must be one JSON value and nothing else."""
        return json.loads(self.out)


def environment(**more: str) -> dict[str, str]:
    """Return an environment without anybody's keys, saved harnesses, or model servers that run on the machine."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANTHROPIC_", "OPENAI_"))}
    return {**kept, "NO_COLOR": "1", "COLUMNS": "120", "HOME": NOBODYS, "WEFT_LOCAL_PORTS": "", **more}


class Terminal(io.StringIO):
    """What somebody types."""

    def isatty(self) -> bool:
        """Say that somebody is there."""
        return True


def weft(
    folder: Path, *words: str, stdin: str = "", typed: str | None = None, together: bool = False, **more: str
) -> Done:
    """Run `weft WORDS` in a folder, in this process: what it reads, prints and exits with is as in one of its own.

    Where something is `typed`, somebody is there to be asked. `out` has all that is printed where it is taken
    `together`, as a terminal shows it.
    """
    out, before = io.StringIO(), dict(os.environ)
    err = out if together else io.StringIO()
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        patch.object(sys, "argv", ["weft", *words]),
        patch.object(sys, "stdin", io.StringIO(stdin) if typed is None else Terminal(typed)),
        patch.dict(os.environ, environment(**more), clear=True),
    ):
        try:
            main()
            code = 0
        except SystemExit as ending:
            code = int(ending.code or 0)
    assert dict(os.environ) == before
    return Done(code, out.getvalue(), "" if together else err.getvalue())


def weft_or_end(folder: Path, *words: str) -> Done:
    """Run `weft WORDS` in this process where it might wait for ever, such as for a pipe into which nobody writes.

    Then the process ends after a minute, and the test that it executes has failed.
    """
    faulthandler.dump_traceback_later(60, exit=True)
    try:
        return weft(folder, *words)
    finally:
        faulthandler.cancel_dump_traceback_later()


def weft_process(folder: Path, *words: str, stdin: str = "", **more: str) -> Done:
    """Run `weft WORDS` in a folder, in a process of its own."""
    done = subprocess.run(
        [WEFT, *words],
        cwd=folder,
        env=environment(**more),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)
