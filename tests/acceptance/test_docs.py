"""The documentation: the site is built, a page does what it shows, what it links and names is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import click
import pytest
from make_docs import build
from shown import ROOT, Reader, text_only

from weft.runtime.cli.commands import COMMANDS
from weft.runtime.cli.group import weft as group

pytestmark = pytest.mark.slow

PAGES = ROOT / "docs/pages"
READ = [ROOT / "README.md", *sorted(PAGES.rglob("*.md"))]
"""The pages that are written by hand."""

LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)")


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", READ, ids=name)
def test_a_page_does_what_it_shows(page: Path, tmp_path: Path) -> None:
    with ExitStack() as stack:
        Reader(tmp_path, stack).follow(page.read_text(encoding="utf-8"))


def test_the_site_has_every_page_and_link_and_loads_nothing_from_elsewhere(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert build(tmp_path) == 0, capfd.readouterr()
    written = {str(page.relative_to(tmp_path / "docs")) for page in (tmp_path / "docs").rglob("*.md")}
    placed = re.findall(r'"([\w/-]+\.md)"', (ROOT / "docs/zensical.toml").read_text(encoding="utf-8"))
    assert sorted(placed) == sorted(written)
    assert linked(PAGES / "index.md") == set(written) - {"index.md"}
    for page in (tmp_path / "site").rglob("*.html"):
        loaded = re.findall(r"<(?:script|img|link|iframe)[^>]+(?:src|href)=\"?(https?:[^\"> ]+)", page.read_text())
        assert loaded == [], page


@pytest.mark.parametrize("page", [*READ, ROOT / "CONTRIBUTING.md", ROOT / "linter/HOW.md"], ids=name)
def test_what_the_text_of_a_page_links_and_names_is_there(page: Path) -> None:
    text = text_only(page.read_text(encoding="utf-8"))
    for path, anchor in LINK.findall(text):
        target = page.parent / path if path else page
        if target.is_relative_to(PAGES) and page.is_relative_to(PAGES):
            continue  # the site says so, which has generated pages too
        assert target.exists(), f"{path} is linked and not there"
        assert not anchor or anchor in anchors(target), f"{path} has no #{anchor}"
    for code in re.findall(r"`(weft [^`]+)`", text):
        is_understood(" ".join(code.split()))
    assert {path for path in named(text) if not (ROOT / path).exists()} == set()


def test_the_readme_leads_to_every_page_but_the_entry_of_the_site() -> None:
    there = {f"docs/pages/{page.relative_to(PAGES)}" for page in PAGES.rglob("*.md")}
    assert there - linked(ROOT / "README.md") == {"docs/pages/index.md"}


def linked(page: Path) -> set[str]:
    return {path for path, _ in LINK.findall(page.read_text(encoding="utf-8")) if path.endswith(".md")}


def named(text: str) -> Iterator[str]:
    """Yield the paths of the project that a text names; `linter/…/x` stands for `linter/weft/linter/x`."""
    for path in re.findall(r"`((?:primitives|linter|sandbox|runtime|tests|examples|bench|docs)/[^`*A-Z]*)`", text):
        folder, _, rest = path.partition("/…/")
        yield f"{folder}/weft/{folder}/{rest}" if rest or path.endswith("/…/") else path


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def is_understood(line: str) -> None:
    """Say which word of a command there is no such command or option for, if there is one."""
    verbs = re.match(r"weft ([a-z\\|]+)", line)
    for verb in verbs[1].replace("\\", "").split("|") if verbs else ():
        assert verb in COMMANDS, f"there is no {line!r}"
        with click.Context(group) as context:
            command = group.get_command(context, verb)
        assert command is not None
        known = {"--help", *(option for param in command.params for option in (*param.opts, *param.secondary_opts))}
        for option in re.findall(r"(?<![\w-])--[a-z-]+", line):
            assert option in known, f"{verb} has no {option}"


def test_every_command_is_shown() -> None:
    shown = "\n".join(page.read_text(encoding="utf-8") for page in READ)
    assert {verb for verb in COMMANDS if not re.search(rf"weft [a-z|\\]*\b{verb}\b", shown)} == set()
