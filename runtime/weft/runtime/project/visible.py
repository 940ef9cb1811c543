"""Which files of a folder are the project's own, and which of these are harnesses.

Its own are those that are not hidden, of no virtual environment, and not ignored by git. What an agent may open is
decided elsewhere, in `tools.folders`.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from weft.primitives.language import ENTRY
from weft.primitives.language.modules import PRIMITIVES
from weft.primitives.language.parsing import parse
from weft.runtime.project.files import read_regular

__all__ = ["harnesses_in", "is_installed", "known_to_git", "visible_files", "without_ignored"]

INSTALLED = ("__pycache__", "node_modules")
"""Folders that tools fill, whether or not git is told of them."""

EMPTY = (
    "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
)
"""What git calls a file without content: commands that are not shown one may have added it as such."""

MOST_SECONDS = 120.0
"""Seconds that git may take to look."""

SAVED = (".weft", "workflows")
"""The hidden folder that is looked into all the same."""


def visible_files(root: Path, suffix: str = "") -> Iterator[Path]:
    """Yield the files below a folder whose name ends so, in order; links are not followed."""
    for place, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if _is_own(Path(place), name))
        for file in sorted(files):
            if file.endswith(suffix) and not file.startswith("."):
                yield Path(place, file)


def _is_own(place: Path, name: str) -> bool:
    if place.name == SAVED[0]:
        return name == SAVED[1]
    if is_installed(place, name):
        return False
    return not name.startswith(".") or (name == SAVED[0] and (place / Path(*SAVED)).is_dir())


def is_installed(place: Path, name: str) -> bool:
    """Whether tools fill this folder in a place, such as a virtual environment: nobody has written what is in it."""
    return name in INSTALLED or os.path.exists(place / name / "pyvenv.cfg")  # false also where nobody may look


def harnesses_in(folder: Path) -> tuple[list[Path], int]:
    """Return the harnesses in a folder, and how many Python files were looked at."""
    looked_at = without_ignored(folder, visible_files(folder, ".py"))
    return [path for path in looked_at if _is_saved(path) or _is_harness(path)], len(looked_at)


def _is_harness(path: Path) -> bool:
    """Tell whether a file has `async def main` and imports the primitives, even where it is no Python for now."""
    try:
        source = read_regular(path)
    except OSError:  # gone since it was listed, or not for us
        return False
    if ENTRY.encode() not in source or b"weft" not in source:
        return False
    try:
        body = parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return all(re.search(pattern, source, re.MULTILINE) for pattern in (_MAIN, _IMPORT))
    return any(isinstance(node, ast.AsyncFunctionDef) and node.name == ENTRY for node in body) and any(
        _imports_primitives(node) for node in body
    )


_MAIN = rb"^async\s+def\s+main\b"
_IMPORT = rb"^(?:from\s+weft\.primitives\b|import\s+weft\.primitives\b|from\s+weft\s+import\s.*\bprimitives\b)"


def _imports_primitives(node: ast.stmt) -> bool:
    match node:
        case ast.ImportFrom(module="weft"):
            return any(alias.name == "primitives" for alias in node.names)
        case ast.ImportFrom(module=str() as module):
            return module == PRIMITIVES or module.startswith(f"{PRIMITIVES}.")
        case ast.Import():
            return any(alias.name.startswith(PRIMITIVES) for alias in node.names)
    return False


def without_ignored(root: Path, paths: Iterable[Path]) -> list[Path]:
    """Return the paths below a folder that git does not ignore: all, where there is no git or it ignores the folder.

    A saved harness counts as its project does, for many ignore all of `.weft`, where runs are too.
    """
    listed = list(paths)
    names = [os.path.relpath(path.parents[2] if _is_saved(path) else path, root) for path in listed]
    ignored = _ignored(root, [*names, "."] if names else [])
    return listed if "." in ignored else [path for path, name in zip(listed, names, strict=True) if name not in ignored]


def _is_saved(path: Path) -> bool:
    """Whether a file is a saved harness of a project."""
    return path.parts[-3:-1] == SAVED


def _ignored(root: Path, names: list[str]) -> set[str]:
    """Return those of some paths, relative to a folder, that git ignores."""
    if not names:
        return set()
    answer = _git(root, "check-ignore", "-z", "--stdin", asked=b"\0".join(map(os.fsencode, names)))
    return set(map(os.fsdecode, answer.split(b"\0")))


def known_to_git(folder: Path) -> set[str]:
    """Return the whole paths of what git knows of a folder and is not empty there; nothing where there is no git."""
    rows = (row.partition("\t") for row in map(os.fsdecode, _git(folder, "ls-files", "--stage", "-z").split(b"\0")))
    return {f"{folder}/{name}" for about, _, name in rows if name and about.split()[1] not in EMPTY}


def _git(folder: Path, *words: str, asked: bytes = b"") -> bytes:
    """Return what git says that only looks, and executes nothing that a repository names; nothing where it fails."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("GIT_") or "CONFIG" in name}
    path = filter(os.path.isabs, os.environ.get("PATH", os.defpath).split(os.pathsep))
    try:
        answer = subprocess.run(
            ["git", "-C", folder, "-c", "core.fsmonitor=false", "-c", "safe.bareRepository=explicit", *words],
            input=asked,
            capture_output=True,
            check=False,
            timeout=MOST_SECONDS,
            env={**kept, "PATH": os.pathsep.join(path), "GIT_ALLOW_PROTOCOL": "none"},
        )
    except (OSError, subprocess.TimeoutExpired):  # no git
        return b""
    return answer.stdout if answer.returncode == 0 else b""
