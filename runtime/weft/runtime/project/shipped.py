"""The harnesses that come with Weft: what there is, in which order, who can answer them, and their demonstrations.

Their sources stand in `library/NAME.py`, what belongs to all of them in `library/shelves.toml`, and what a
demonstration takes in `library/demos/NAME/`: `agents.json` (a script for stub agents), `args.json`, and the files that
agents may read in `files/`.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from weft.runtime.project.harness import Harness, parse_harness
from weft.runtime.settings import STUB, Settings

__all__ = ["Demo", "Shelves", "builtin_harness", "builtin_harnesses", "demo_of", "is_builtin", "shelves"]


@dataclass(frozen=True, slots=True)
class Demo:
    """What a demonstration of a harness takes: everything but the harness itself."""

    args: Any
    settings: Settings
    """Scripted agents, which read the files of the demonstration, in virtual time."""


@dataclass(frozen=True, slots=True)
class Shelves:
    """How the harnesses that come with Weft are put in order."""

    groups: Mapping[str, tuple[str, ...]]
    """Names of harnesses by what they are for."""
    offline: frozenset[str]
    """Those whose agents the offline model can stand in for: they find, compare and quote, and no more."""


@cache
def shelves() -> Shelves:
    """Return the order of the harnesses that come with Weft."""
    stated = tomllib.loads(files("weft.runtime").joinpath("library/shelves.toml").read_text("utf-8"))
    return Shelves({title: tuple(names) for title, names in stated["groups"].items()}, frozenset(stated["offline"]))


def builtin_harnesses() -> Iterator[Harness]:
    """Yield the harnesses that come with weft, by name."""
    for entry in sorted(_library().iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".py"):
            yield _read(entry)


def builtin_harness(name: str) -> Harness | None:
    """Return the harness that comes with weft under a name; `None` where none does."""
    wanted = f"{name.replace('-', '_')}.py"  # which may be a whole task, and longer than the name of a file can be
    return next((_read(path) for path in _library().iterdir() if path.name == wanted and "_" not in name), None)


def is_builtin(harness: Harness) -> bool:
    """Whether this is a harness that comes with weft, and not somebody's own that has its name."""
    path = _library() / f"{harness.name.replace('-', '_')}.py"
    return path.is_file() and path.read_text("utf-8") == harness.source


def demo_of(harness: Harness) -> Demo | None:
    """Return the demonstration of a harness; `None` where it has none, as nobody's own has."""
    folder = _library() / "demos" / harness.name.replace("-", "_")
    if not folder.is_dir() or not is_builtin(harness):
        return None
    args = json.loads((folder / "args.json").read_text("utf-8"))
    script, visible = folder / "agents.json", folder / "files"
    return Demo(args, Settings(folders=(visible,), agents=f"{STUB}{script}", virtual_time=True))


@cache
def _read(path: Path) -> Harness:
    return parse_harness(path.read_text("utf-8"), name=path.stem.replace("_", "-"), filename=path.name)


def _library() -> Path:
    return Path(str(files("weft.runtime"))) / "library"
