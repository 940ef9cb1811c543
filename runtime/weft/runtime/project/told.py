"""What the servers of a project have said that their tools give, as it was when each was last started.

For rehearsals, for which none is started. It stands beside the runs of the project, in a file for each server.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from weft.runtime.errors import UsageError
from weft.runtime.project.files import read_regular, write_atomically
from weft.runtime.project.folders import Project
from weft.runtime.project.tooling import ServerConfig

__all__ = ["keep_told", "told"]

LARGEST = 1_000_000
"""Characters that are kept of one server."""


def keep_told(folder: Path, server: str, config: ServerConfig, gives: Mapping[str, Any]) -> None:
    """Keep what the tools of a server give; where that cannot be written, nobody is told later.

    Args:
        folder: The project's.
        server: The name of the server.
        config: As which it has said so.
        gives: A JSON Schema for each tool of which it is known.
    """
    file, said = _file(folder, server), {"digest": config.digest, "gives": dict(gives)}
    if len(json.dumps(said)) <= LARGEST and said != _read(file):
        with suppress(OSError, UsageError), Project(folder).writing("runs"):
            write_atomically(file, said)


def told(folder: Path, server: str, config: ServerConfig) -> Mapping[str, dict[str, Any]]:
    """Return what the tools of a server give, as far as it was started before as it is configured now."""
    said = _read(_file(folder, server))
    gives = said.get("gives") if said.get("digest") == config.digest else None
    schemas = gives if isinstance(gives, dict) else {}
    return {name: schema for name, schema in schemas.items() if isinstance(schema, dict)}


def _file(folder: Path, server: str) -> Path:
    return folder / ".weft" / "runs" / f"tools-{server}.json"


def _read(file: Path) -> dict[str, Any]:
    try:
        said = json.loads(read_regular(file))
    except (OSError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
