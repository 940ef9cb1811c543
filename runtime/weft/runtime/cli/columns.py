"""Lists of names with what they mean, as a page: with titles for people, without for everything else."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from weft.runtime.page import Block, Table, line
from weft.runtime.plain import plain

__all__ = ["columns"]


def columns(groups: Iterable[tuple[str, list[tuple[str, str]]]]) -> list[Block]:
    """Return groups of names and meanings as a page; the titles of groups, which may be empty, are for people alone."""
    shown = [(title, rows) for title, rows in groups if rows]
    widest = max((len(name) for _, rows in shown for name, _ in rows), default=0)
    for_people = sys.stdout.isatty()
    page: list[Block] = []
    for title, rows in shown:
        page += [""] if page and for_people else []
        page += [line((f"{title}:", "strong"))] if title and for_people else []
        cells = tuple((line(plain(f"{name:<{widest}}")), line(plain(text))) for name, text in rows)
        page.append(Table(cells, indent=2 if title and for_people else 0))
    return page
