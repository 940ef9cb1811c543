"""What the linter found, as a page: its lines with their frames of code. What they say is decided in `weft.linter`."""

from __future__ import annotations

from weft.linter import Report, report_lines
from weft.runtime.page import Block, Line

__all__ = ["findings_page"]


def findings_page(filename: str, source: str, report: Report, width: int | None = None) -> list[Block]:
    """Return a report; code is cut to a terminal of so many columns, around what is meant, if they are given."""
    lines = report_lines(filename, source, report, width)
    return [Line(parts, len(parts[0][0]) if len(parts) > 1 else 0) for parts in lines]
