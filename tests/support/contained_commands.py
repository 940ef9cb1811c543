"""Commands of agents, held by whichever walls a test asks for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from weft.runtime.tools.contained import environment, system_files
from weft.sandbox.contained import Command

__all__ = ["WITHOUT_NAMESPACES", "command", "linux"]

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has something to contain commands with")

WITHOUT_NAMESPACES = """
import sys
sys.path += sys.argv[1:]
from weft.sandbox import namespaces
def refused(**_): raise OSError("no namespaces")
namespaces.unshare = refused
from weft.sandbox.contained import main
main()
"""


def command(folder: Path, *words: str, **more: Any) -> Command:
    held: dict[str, Any] = {"readable": system_files(), "writable": [str(folder)], "guarded": []}
    return Command(words=[*words], folder=str(folder), environment=environment(), **held | more)
