"""What the harness of a run has published with `finding`. What the linter finds in a harness is `findings`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from weft.runtime.outline import outline
from weft.runtime.page import Block, Line, line, marked, named
from weft.runtime.plain import on_one_line

__all__ = ["found_page", "found_row"]

KINDS = 4
"""How many severities are counted apart."""

SEVERITY = 20
"""Letters of one that are shown."""


def found_row(findings: Sequence[Any]) -> list[Line]:
    """Return how many findings there are, and of which severity where they say so; nothing where there are none."""
    severities = _severities(findings)
    return [named("  found", str(len(findings)), f"   {severities}" if severities else "")] if findings else []


def found_page(findings: Sequence[Any]) -> list[Block]:
    """Return all findings with their numbers, in the order in which they were published."""
    if not findings:
        return [line(("the harness has published no finding", "dim"))]
    count = f"{len(findings)} finding{'s' * (len(findings) != 1)}"
    severities = _severities(findings)
    page: list[Block] = [line((count, "strong"), f": {severities}" if severities else "")]
    for number, data in enumerate(findings, start=1):
        page += ["", *marked(f"{number:>3}  ", outline(data, sections=False))]
    return page


def _severities(findings: Sequence[Any]) -> str:
    said = (found.get("severity") for found in findings if isinstance(found, dict))
    kinds = Counter(on_one_line(kind)[:SEVERITY] for kind in said if isinstance(kind, str) and kind)
    return "  ".join(f"{number} {kind}" for kind, number in kinds.most_common(KINDS))
