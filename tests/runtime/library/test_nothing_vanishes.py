"""What agents said in a shipped harness is in its result, or the result says that it is not all of it."""

from __future__ import annotations

from typing import Any

import pytest
from demonstrating import demonstrate
from unconfined import without_processes

from weft.runtime.project.shipped import builtin_harness

AGREED = {"match": {"label": "^verify"}, "result": {"verdict": "supported", "reason": "seen", "evidence": []}}
EMPTY = {"match": {}, "from_schema": True}


def result_of(name: str, *said: tuple[str, Any]) -> Any:
    """Return the result of a demonstration whose agents, by their labels, have said so; skeptics agree with all."""
    answers = [{"match": {"label": label}, "result": answer} for label, answer in said]
    harness = builtin_harness(name)
    assert harness is not None
    done = demonstrate(harness, rules=[*answers, AGREED, EMPTY])
    assert done.ended is not None and done.outcome == "completed", done.ended
    return done.ended.result


def defect(line: int, **more: Any) -> dict[str, Any]:
    return {"file": 1, "line": line, **more}


FOUND = [
    ("code-review", "review:wrong", "findings", {"defect": "the file is left open", "severity": "minor", "mend": "-"}),
    ("bug-hunt", "hunt 1: follow the data", "bugs", {"bug": "the file is left open"}),
    ("security-audit", "attack:", "holes", {"attack": "a path leads out of the folder", "severity": "low"}),
]


@pytest.mark.parametrize(("name", "label", "field", "words"), FOUND, ids=[found[0] for found in FOUND])
def test_the_same_words_on_lines_far_apart_are_two(
    name: str, label: str, field: str, words: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    without_processes(monkeypatch)
    surface = ("surfaces", {"surfaces": [{"name": "upload", "enters": "a:1"}]})
    said = {field: [defect(line, **words) for line in (3, 90, 4)]}
    lines = [one["line"] for one in result_of(name, surface, (label, said))["survives"]]
    assert lines == [3, 90]


def test_what_later_rounds_find_far_from_what_is_known_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)
    bug = {"bug": "the file is left open"}
    rounds = [("hunt 1: follow the data", [defect(3, **bug)]), ("hunt 2", [defect(5, **bug), defect(60, **bug)])]
    result = result_of("bug-hunt", *[(label, {"bugs": bugs}) for label, bugs in rounds])
    assert [one["line"] for one in result["survives"]] == [3, 60]
