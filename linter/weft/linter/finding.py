"""What the linter says about a harness: findings, and the edits that mend them."""

from __future__ import annotations

from typing import Literal

from weft.linter.record import record

__all__ = ["Edit", "Finding", "Fix", "Related", "Severity"]

Severity = Literal["error", "warning", "info"]


@record(order=True)
class Edit:
    """One range of the source and the text that replaces it. Lines count from 1, columns from 0, in characters."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


@record()
class Fix:
    """What to write instead."""

    safety: Literal["safe", "unsafe", "suggestion"]
    """`safe`: the edits change nothing but what is wrong. `unsafe`: they may change more. `suggestion`: words only."""
    text: str
    edits: tuple[Edit, ...] = ()


@record()
class Related:
    """Another line that the finding is about."""

    line: int
    text: str


@record()
class Finding:
    """One defect."""

    code: str
    name: str
    severity: Severity
    line: int
    column: int
    """Lines count from 1, columns from 0, in characters; what is shown counts both from 1."""
    end_line: int
    end_column: int
    message: str
    """What is wrong."""
    why: str
    """What it costs."""
    fix: Fix | None = None
    related: tuple[Related, ...] = ()
