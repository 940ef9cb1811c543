"""Trees of files of any depth: they are gone through without recursion, which whoever makes them could exhaust.

It stands on nothing but the system, for the process that watches a command loads little.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress

__all__ = ["remove_tree", "walk"]

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


def walk(root: str | os.PathLike[str]) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield what `os.walk` does, from the root on; of folders that are taken out of a list nothing is seen."""
    left = [os.fspath(root)]
    while left:
        place = left.pop()
        folders: list[str] = []
        files: list[str] = []
        with suppress(OSError), os.scandir(place) as entries:
            for entry in entries:
                (folders if _is_folder(entry) else files).append(entry.name)
        yield place, folders, files
        left += [path for name in reversed(folders) if not os.path.islink(path := os.path.join(place, name))]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def remove_tree(path: str | os.PathLike[str]) -> bool:
    """Remove a folder with all that is in it, whatever rights were taken from that; return whether it is gone.

    What is in its folders is moved up and looked at again, so neither depth nor the length of a path matters. A link
    is removed itself, and never followed.
    """
    with suppress(OSError):
        if stat.S_ISDIR(os.lstat(path).st_mode):
            with suppress(OSError):
                os.chmod(path, stat.S_IRWXU)
            root = os.open(path, _FOLDER)
            try:
                _empty(root)
            finally:
                os.close(root)
            os.rmdir(path)
        else:
            os.unlink(path)
    return not os.path.lexists(path)


def _empty(root: int) -> None:
    """Remove what is in a folder, as far as that is possible."""
    mark, moved, before = os.urandom(8).hex(), 0, None
    while (names := os.listdir(root)) and names != before:  # what is left twice stays
        before = names
        for name in names:
            with suppress(OSError):
                if not _opened_up(name, root):
                    os.unlink(name, dir_fd=root)
                    continue
                folder = os.open(name, _FOLDER, dir_fd=root)
                try:
                    for inner in os.listdir(folder):
                        with suppress(OSError):
                            if _opened_up(inner, folder):
                                moved += 1
                                os.rename(inner, f"{mark}.{moved}", src_dir_fd=folder, dst_dir_fd=root)
                            else:
                                os.unlink(inner, dir_fd=folder)
                finally:
                    os.close(folder)
                os.rmdir(name, dir_fd=root)


def _opened_up(name: str, parent: int) -> bool:
    """Whether something is a folder; if so, give ourselves all rights to it."""
    if not stat.S_ISDIR(os.lstat(name, dir_fd=parent).st_mode):
        return False
    with suppress(OSError):
        os.chmod(name, stat.S_IRWXU, dir_fd=parent)
    return True
