"""What sample-corpus estimates holds as often as it says, counted over all samples that there are."""

from __future__ import annotations

from functools import cache
from math import comb
from typing import Any

import pytest

from weft.runtime.project.shipped import builtin_harness


@cache
def names() -> dict[str, Any]:
    """Return what the file of the harness defines; its functions only compute."""
    harness = builtin_harness("sample-corpus")
    assert harness is not None
    defined: dict[str, Any] = {}
    exec(compile(harness.source, harness.filename, "exec"), defined)
    return defined


def estimate(yes: int, no: int, unknown: int, population: int) -> dict[str, Any]:
    said = {"yes": [""] * yes, "no": [""] * no, "unclear": [""] * unknown, "lost": []}
    found: dict[str, Any] = names()["estimate"](said, population)
    return found


def covers(found: dict[str, Any], truth: int) -> bool:
    return bool(found["least"] <= truth <= found["most"])


@pytest.mark.parametrize(("population", "size"), [(30, 12), (100, 20), (400, 60)])
def test_the_truth_is_in_the_interval_as_often_as_is_said(population: int, size: int) -> None:
    """Every truth there can be, and every sample of it: hypergeometric, so counted exactly and not tried."""
    found = [estimate(yes, size - yes, 0, population) for yes in range(size + 1)]
    samples = comb(population, size)
    shares = []
    for truth in range(population + 1):
        least, most = max(0, size - (population - truth)), min(size, truth)
        hits = [yes for yes in range(least, most + 1) if covers(found[yes], truth)]
        shares.append(sum(comb(truth, yes) * comb(population - truth, size - yes) for yes in hits) / samples)
    assert min(shares) > 0.93
    assert sum(shares) / len(shares) >= 0.95


def test_what_nobody_could_tell_may_be_all_no_or_all_yes() -> None:
    wide = estimate(5, 6, 4, 100)
    for yes in range(5):
        narrow = estimate(5 + yes, 6 + 4 - yes, 0, 100)
        assert wide["least"] <= narrow["least"]
        assert narrow["most"] <= wide["most"]


def test_all_that_were_looked_at_leave_no_doubt() -> None:
    assert estimate(7, 5, 0, 12) == {"least": 7, "most": 7, "of": 12, "confidence": 0.95}
