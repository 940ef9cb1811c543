"""Going through trees of files, and removing them, however deep they are."""

from __future__ import annotations

import os
from pathlib import Path

from weft.sandbox.files import remove_tree, walk


def deepen(folder: Path, times: int, name: str) -> None:
    place = os.open(folder, os.O_RDONLY)
    for _ in range(times):
        os.mkdir(name, dir_fd=place)
        inner = os.open(name, os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = inner
    os.close(place)


def test_a_tree_is_removed_and_what_links_lead_to_is_not(tmp_path: Path) -> None:
    tree, other = tmp_path / "tree", tmp_path / "other"
    for folder in (tree / "a/b", other):
        folder.mkdir(parents=True)
    (other / "kept").write_text("kept")
    (tree / "link").symlink_to(other)
    (tree / "a/b/link").symlink_to(other)
    (tree / "a/f").write_text("f")
    os.mkfifo(tree / "a/b/pipe")
    deepen(tree / "a/b", 1_200, "d" * 100)
    (tree / "a").chmod(0)
    assert remove_tree(tree)
    assert [*tmp_path.iterdir()] == [other]
    assert (other / "kept").read_text() == "kept"
    link = tmp_path / "link"
    link.symlink_to(other)
    assert remove_tree(link)
    assert (other / "kept").exists()
    assert remove_tree(tmp_path / "nothing")


def test_it_is_walked_as_the_system_does_it(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "c").mkdir()
    (tmp_path / "a/f").write_text("f")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert sorted(walk(tmp_path)) == sorted(os.walk(tmp_path))
    deepen(tmp_path / "c", 1_200, "d")
    assert sum(1 for _ in walk(tmp_path / "c")) == 1_201
    remove_tree(tmp_path / "c")
