"""Which files a project ignores: its `.gitignore` files, as git reads them, with or without git.

A rule decides about one name in one folder; whoever walks does not look into a folder that is ignored. The rules of the
user (`core.excludesFile`) are none of the project's, and do not count.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from weft.runtime.tools.matching import compiled, glob

__all__ = ["Rules", "rules_above"]

LARGEST = 1 << 20
"""Bytes of one file of rules; of a larger one nothing counts."""
TOGETHER = 100
"""Rules that are matched at once."""
NOTHING = r"[^\s\S]"
"""A pattern that nothing matches."""

Rule = tuple[bool, bool, str]
"""Whether it ignores what matches, whether it is about folders alone, and its pattern."""
Decisions = tuple[tuple[bool, Any, Any], ...]
"""Whether a file, or a folder, is ignored that matches; the last that was written decides, and is the first here but
for one that matches whatever any of them does."""


class Rules:
    """What is ignored in a folder and below it."""

    def __init__(self, known: tuple[tuple[str, Decisions], ...] = ()) -> None:
        """Take the rules of the folders above; each comes with its folder, the deepest first."""
        self._known = known

    def inside(self, folder: str, file: str | None = None) -> Rules:
        """Return these with what a file of rules says, by default the `.gitignore` of a folder below them."""
        decisions = _decisions(_lines(os.path.join(folder, ".gitignore") if file is None else file))
        return Rules(((folder.rstrip("/") + "/", decisions), *self._known)) if decisions else self

    def ignores(self, path: str, *, folder: bool) -> bool:
        """Whether a path in that folder is ignored, if nothing above it is."""
        for above, decisions in self._known:
            name = path[len(above) :]
            (_, mentioned, _), *others = decisions
            if mentioned.fullmatch(name) is None:
                continue
            for ignored, file_pattern, folder_pattern in others:
                if (folder_pattern if folder else file_pattern).fullmatch(name) is not None:
                    return ignored
        return False


def rules_above(root: Path) -> Rules:
    """Return what the repository around a folder ignores, where there is one and it does not ignore the folder."""
    top = next((place for place in (root, *root.parents) if os.path.lexists(place / ".git")), None)
    if top is None:
        return Rules()
    rules = Rules().inside(str(top), str(_git_folder(top / ".git") / "info" / "exclude"))
    for place in reversed([place for place in root.parents if place.is_relative_to(top)]):
        rules = rules.inside(str(place))
        if rules.ignores(str(place / root.relative_to(place).parts[0]), folder=True):
            return Rules()
    return rules


def _git_folder(named: Path) -> Path:
    """Return where a repository keeps what its working trees have in common."""
    told = _lines(str(named))
    if not told:
        return named
    folder = named.parent / told[0].removeprefix("gitdir:").strip()
    common = _lines(str(folder / "commondir"))
    return folder / common[0].strip() if common else folder


def _lines(file: str) -> list[str]:
    """Return the lines of a regular file; none where it cannot be read."""
    try:
        opened = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (OSError, ValueError):  # mostly there is none
        return []
    try:
        status = os.fstat(opened)
        usable = stat.S_ISREG(status.st_mode) and status.st_size <= LARGEST
        data = os.read(opened, LARGEST) if usable else b""
    finally:
        os.close(opened)
    return data.decode("utf-8-sig", "replace").split("\n") if data else []


def _decisions(lines: Iterable[str]) -> Decisions:
    """Return what lines of rules decide, the last of them first."""
    rules = [rule for line in lines if (rule := _rule(line)) is not None]
    if not rules:
        return ()
    decided = tuple(
        (ignored, _any_of(pattern for _, only, pattern in some if not only), _any_of(pattern for *_, pattern in some))
        for ignored, alike in groupby(reversed(rules), key=lambda rule: rule[0])
        for some in _several(alike)
    )
    return (_undecided(rules), *decided)


def _undecided(rules: Iterable[Rule]) -> tuple[bool, Any, Any]:
    """Return what decides at once about most paths: those that no rule is about."""
    try:
        anything = _any_of(pattern for *_, pattern in rules)
    except ValueError:  # too many for one pattern
        anything = compiled(r"[\s\S]*")
    return (False, anything, anything)


def _any_of(patterns: Iterable[str]) -> Any:
    return compiled("|".join(patterns) or NOTHING)


def _several(rules: Iterable[Rule]) -> Iterator[list[Rule]]:
    left = iter(rules)
    while some := list(islice(left, TOGETHER)):
        yield some


def _rule(line: str) -> Rule | None:
    """Return a rule; nothing for a line that is none."""
    text = line.removesuffix("\r")
    while text.endswith(" ") and not text.endswith("\\ "):
        text = text[:-1]
    if not text or text.startswith("#"):
        return None
    negated = text.startswith("!")
    text = text[1:] if negated else text
    only_folders = text.endswith("/")
    text = text[:-1] if only_folders else text
    anywhere = "" if "/" in text else r"(?:.*/)?"
    written = glob(text.removeprefix("/"))
    try:
        compiled(written)
    except ValueError:  # git matches nothing by it either
        return None
    return (not negated, only_folders, f"{anywhere}(?:{written})") if text else None
