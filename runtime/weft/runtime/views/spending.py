"""Who spent what, and what is left of the ceilings over many runs; for people and as JSON data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from weft.primitives.lost import Spent
from weft.runtime.money.beyond import Standing
from weft.runtime.money.bills import Bill, By
from weft.runtime.page import Block, Line, Table, line, named
from weft.runtime.plain import plain

__all__ = ["spending_object", "spending_page", "standing_object"]

NOBODY: Mapping[By, str] = {
    "day": "unknown day",
    "run": "(writing harnesses that have not run)",
    "project": "unknown project",
    "model": "(not known)",
    "phase": "(no phase)",
}


def spending_page(sums: Mapping[str, Bill], by: By, ceilings: Sequence[Standing]) -> list[Block]:
    """Return what was spent by one thing, in all, and what is left."""
    rows = [_row(name or NOBODY[by], bill) for name, bill in sums.items()]
    if len(rows) > 1:
        rows.append(_row("in all", _all(sums)))
    head = (by, "dollars", "tokens", "of that at most", "in flight")
    page: list[Block] = [Table(tuple(rows), head, right=frozenset({1, 2, 3, 4}), names=frozenset({0}))] if rows else []
    left = [named("left", plain(standing.words)) for standing in ceilings]
    return [*(page or ["nothing was spent yet"]), *([""] if left else []), *left]


def _row(name: str, bill: Bill) -> tuple[Line, ...]:
    maybe = [f"${amount:.4f}" if amount else "" for amount in (bill.unsettled, bill.reserved)]
    return tuple(map(line, (plain(name), f"${bill.spent.usd:.4f}", f"{bill.spent.tokens:,}", *maybe)))


def _all(sums: Mapping[str, Bill]) -> Bill:
    return Bill(
        spent=sum((bill.spent for bill in sums.values()), Spent()),
        unsettled=sum(bill.unsettled for bill in sums.values()),
        reserved=sum(bill.reserved for bill in sums.values()),
    )


def spending_object(sums: Mapping[str, Bill], by: By, ceilings: Sequence[Standing]) -> dict[str, Any]:
    """Return the same as data."""
    return {
        "by": by,
        "rows": [{by: name or None, **_object(bill)} for name, bill in sums.items()],
        "total": _object(_all(sums)),
        "ceilings": [standing_object(standing) for standing in ceilings],
    }


def _object(bill: Bill) -> dict[str, Any]:
    return {
        "usd": round(bill.spent.usd, 12),
        "input_tokens": bill.spent.input_tokens,
        "output_tokens": bill.spent.output_tokens,
        "unsettled_usd": bill.unsettled,
        "reserved_usd": bill.reserved,
    }


def standing_object(standing: Standing) -> dict[str, Any]:
    """Return how a ceiling stands."""
    return {
        "name": standing.name,
        "file": standing.rule.file,
        "most": standing.rule.most,
        "spent": standing.used,
        "left": standing.left,
        "renews": None if standing.renews is None else standing.renews.isoformat(),
    }
