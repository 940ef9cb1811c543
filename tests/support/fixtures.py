"""Reads the fixtures: harnesses in Markdown, each under a heading, with the expected findings on the line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "linter"
_HARNESS = re.compile(r"^## (.+?)\n\n```python\n(.*?)^```$", re.M | re.S)
_MARK = re.compile(r"# finding: ([A-Z]\d{3}(?:, [A-Z]\d{3})*)")


@dataclass(frozen=True)
class Fixture:
    """One harness and what the linter must say about it."""

    file: str
    title: str
    source: str

    @property
    def expected(self) -> list[tuple[int, str]]:
        """Line and code of each finding."""
        lines = enumerate(self.source.split("\n"), start=1)
        return sorted((n, code) for n, text in lines for mark in _MARK.findall(text) for code in mark.split(", "))

    def __str__(self) -> str:
        return f"{self.file}: {self.title}"


def fixtures(folder: str = "rules") -> list[Fixture]:
    """Return every harness in the Markdown files of a folder."""
    return [found for path in sorted((FOLDER / folder).glob("*.md")) for found in read(path)]


def read(path: Path) -> list[Fixture]:
    """Return every harness in a Markdown file."""
    return [Fixture(path.stem, title, source) for title, source in _HARNESS.findall(path.read_text(encoding="utf-8"))]
