"""What errors about unknown names say: which known ones may be meant. How like names are tells `weft.linter.near`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

__all__ = ["did_you_mean", "did_you_mean_path"]

LONGEST_NAME = 500
"""How many letters a name may have that somebody has misspelled."""


def did_you_mean(name: str, known: Iterable[str] | Mapping[str, str], otherwise: str) -> str:
    """Return the fix of an error about a name that there is not.

    Args:
        name: What was written.
        known: What could have been; as a mapping, with what to show instead of each.
        otherwise: What to do where nothing known comes near, or none of it is meant.
    """
    shown = [known[one] if isinstance(known, Mapping) else one for one in _nearest(name, known)]
    return _advice(list(dict.fromkeys(shown)), otherwise)


def did_you_mean_path(path: Path, otherwise: str) -> str:
    """Return the fix of an error about a file or folder that may not be there."""
    return _advice([] if os.path.lexists(path) else [str(near) for near in _near(path)], otherwise)


def _advice(near: list[str], otherwise: str) -> str:
    return " ".join([f"did you mean {' or '.join(near)}?"] * bool(near) + [otherwise]).strip()


def _nearest(name: str, known: Iterable[str]) -> list[str]:
    """Return the known names that come near; none for what is too long to be a name, which takes minutes to compare."""
    from weft.linter.near import nearest

    return nearest(name, known) if len(name) <= LONGEST_NAME else []


def _near(path: Path) -> list[Path]:
    """Return the paths that may be meant by one that is not there; any part of it may be misspelled."""
    if path.exists() or path == path.parent:
        return [path]
    found = []
    for folder in _near(path.parent):
        try:
            names = [other.name for other in folder.iterdir()]
        except OSError:  # no folder, or not for us
            continue
        found += [folder / name for name in ([path.name] if path.name in names else _nearest(path.name, names))]
    return found[:3]
