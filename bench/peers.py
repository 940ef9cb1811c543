"""Other runtimes that are measured beside ours, each in an interpreter of its own that is made when it is asked for.

    python bench/peers.py

makes them all beforehand. They stand in `.venv/peers`, and are nothing that Weft depends on. What a peer does and what
is different about it says the script that runs there.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["PEERS", "Peer"]

HERE = Path(__file__).parent
FOLDER = HERE.parent / ".venv" / "peers"


@dataclass(frozen=True, slots=True)
class Peer:
    """Another runtime."""

    name: str
    script: str
    """What runs the same work there, a file beside this one."""
    requirements: tuple[str, ...]

    def install(self) -> str | None:
        """Make its interpreter, if it is not there yet; return why it cannot be made, if so."""
        made = FOLDER / self.name / "made"
        if made.exists() and made.read_text() == " ".join(self.requirements):
            return None
        for command in ([sys.executable, "-m", "venv", made.parent], [self._python, *INSTALL, *self.requirements]):
            done = subprocess.run(list(map(str, command)), check=False, capture_output=True, text=True)
            if done.returncode:
                return (done.stderr.strip().splitlines() or ["it cannot be installed"])[-1]
        made.write_text(" ".join(self.requirements))
        return None

    def measure(self, *arguments: str, given: str = "") -> dict[str, Any]:
        """Run its script with these arguments and a new folder, and return what it measured."""
        with tempfile.TemporaryDirectory() as folder:
            command = [str(self._python), str(HERE / self.script), *arguments, folder]
            said = subprocess.run(command, check=True, capture_output=True, text=True, input=given)
        figures: dict[str, Any] = json.loads(said.stdout)
        return figures

    @property
    def _python(self) -> Path:
        return FOLDER / self.name / "bin" / "python"


INSTALL = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")

PEERS = {
    peer.name: peer
    for peer in (
        Peer("pi-dynamic-workflows", "pi_peer.py", ("pi-dynamic-workflows-py==0.3.0",)),
        Peer("langgraph", "langgraph_peer.py", ("langgraph", "langgraph-checkpoint-sqlite", "aiosqlite")),
    )
}


def main() -> None:
    """Make all interpreters."""
    for peer in PEERS.values():
        sys.stdout.write(f"{peer.name}: {peer.install() or 'ready'}\n")


if __name__ == "__main__":
    main()
