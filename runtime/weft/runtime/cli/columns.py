"""Lists of names with what they mean: folded to the width of a terminal, one line each for everything else."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import click

from weft.runtime.plain import plain

__all__ = ["columns"]


def columns(groups: Iterable[tuple[str, list[tuple[str, str]]]]) -> str:
    """Return groups of names and meanings as text; the titles of groups, which may be empty, are for people alone."""
    shown = [(title, rows) for title, rows in groups if rows]
    widest = max((len(name) for _, rows in shown for name, _ in rows), default=0)
    if not sys.stdout.isatty():
        return plain("\n".join(f"{name:<{widest}}  {text}" for _, rows in shown for name, text in rows))
    parts = []
    for title, rows in shown:
        formatter = click.get_current_context().make_formatter()
        if title:
            formatter.write_heading(title)
            formatter.indent()
        formatter.write_dl([(f"{name:<{widest}}", text) for name, text in rows], col_max=widest + 2)
        parts.append(formatter.getvalue())
    return plain("\n".join(parts).rstrip())
