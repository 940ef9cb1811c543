"""Harnesses by authors who did not know the linter, labelled before it saw them: what is wrong in them is found.

`corpus/README.md` says how they came about, and what each label means. The suite takes every third of them;
`WEFT_MORE=1` takes all.
"""

from __future__ import annotations

import json
import os
import re
from math import ceil, inf
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from weft.linter import Bound, Finding, lint

FOLDER = Path(__file__).parent / "corpus"
LABELS = [json.loads(line) for line in (FOLDER / "labels.jsonl").read_text(encoding="utf-8").splitlines()]
TAKEN = LABELS if os.environ.get("WEFT_MORE") else LABELS[::3]
NEAR = 2
"""How many lines a finding may stand from its label."""


@pytest.mark.parametrize("label", TAKEN, ids=[label["file"] for label in TAKEN])
def test_a_harness(label: dict[str, Any]) -> None:
    """All of it in one test: each process would check the harness again."""
    report = lint((FOLDER / label["file"]).read_text(encoding="utf-8"), filename=label["file"])
    assert missed(label, report.findings) == label.get("missed", [])
    assert unlabelled(label, report.findings) == label.get("false", [])
    assert_holds(label, report.bound)


def missed(label: dict[str, Any], findings: tuple[Finding, ...]) -> list[list[Any]]:
    """Return what should have been found, and was not."""
    found = [(one.code, one.line) for one in findings]
    return [
        [want["code"], want["line"]] for want in label["expect"] if not any(stands(want, *place) for place in found)
    ]


def unlabelled(label: dict[str, Any], findings: tuple[Finding, ...]) -> list[list[Any]]:
    """Return the errors and warnings that nobody labelled."""
    return [
        [one.code, one.line]
        for one in findings
        if one.severity != "info"
        and one.code not in label["also_ok"]
        and not any(stands(want, one.code, one.line) for want in label["expect"])
    ]


def stands(want: dict[str, Any], code: str, line: int) -> bool:
    """Tell whether a finding is the one of a label."""
    within = want["line"] - NEAR <= line <= want.get("end_line", want["line"]) + NEAR
    return code == want["code"] and (within or any(abs(line - other) <= NEAR for other in want.get("alt_lines", [])))


def assert_holds(label: dict[str, Any], bound: Bound) -> None:
    """No more agents than the bound says; and no more than twice as many said, but where the label calls it loose."""
    for size in (1, 3, 12, 50):
        args = {name: [f"{n}" for n in range(size)] for name in re.findall(r"len\(args\.(\w+)\)", label["bound"])}
        most = inf if label["bound"] == "unbounded" else float(eval(label["bound"], names(args)))
        told = bound.evaluate(args)
        stated = inf if told == "unbounded" else told
        assert stated >= most
        assert label.get("loose") or stated <= 2 * most


def names(args: dict[str, Any]) -> dict[str, Any]:
    """Return what a formula may name."""
    return {"args": SimpleNamespace(**args), "ceil": ceil}


def test_every_harness_is_labelled() -> None:
    files = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.py")}
    assert files == {label["file"] for label in LABELS}
    assert len(files) >= 100
