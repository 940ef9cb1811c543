"""The `weft` command as a person runs it: a process of its own, in a folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
    """Return an environment without anybody's keys."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANTHROPIC_", "OPENAI_"))}
    return {**kept, "NO_COLOR": "1", "COLUMNS": "120", **more}


def weft(folder: Path, *words: str, stdin: str = "", **more: str) -> Done:
    """Run `weft WORDS` in a folder."""
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
