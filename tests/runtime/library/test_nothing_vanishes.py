"""What agents said in a shipped harness is in its result, or the result says that it is not all of it."""

from __future__ import annotations

from typing import Any

import pytest
from demonstrating import demonstrate
from unconfined import without_processes

from weft.runtime.project.shipped import builtin_harness, demo_of

AGREED = {"match": {"label": "^verify"}, "result": {"verdict": "supported", "reason": "seen", "evidence": []}}
EMPTY = {"match": {}, "from_schema": True}


def result_of(name: str, *said: tuple[str, Any], text: str | None = None) -> Any:
    """Return the result of a demonstration whose agents, by their labels, have said so; skeptics agree with all.

    With a text, every file has that text.
    """
    answers = [{"match": {"label": label}, "result": answer} for label, answer in said]
    read = [] if text is None else [{"match": {"tool": "read_file"}, "result": text}]
    harness = builtin_harness(name)
    assert harness is not None
    done = demonstrate(harness, rules=[*answers, *read, AGREED, EMPTY])
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


def test_a_question_in_other_spelling_does_not_count_again(monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)
    asked = [{"question": question, "answer": "a", "line": 1} for question in ("Why is the log kept?", "Who pays?")]
    again = [{"question": "why is the log kept", "answer": "a", "line": 1}]
    result = result_of("exam-questions", ("write 1", {"questions": asked}), ("write 2", {"questions": again}))
    assert [one["question"] for one in [*result["questions"], *result["more"]]] == [q["question"] for q in asked]


def test_what_nobody_can_tell_to_be_wrong_has_not_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)
    harness = builtin_harness("reflexion")
    demo = harness and demo_of(harness)
    assert demo is not None
    unsure = [{"why": "it cannot be tried here", "verdict": "cannot tell"}] * len(demo.args["checks"])
    assert result_of("reflexion", ("check", {"checks": unsure}))["outcome"] == "undecided"


FULL = [
    ("code-review", "^review", "findings", 8, {**defect(1), "defect": "d", "severity": "minor", "mend": "-"}),
    ("security-audit", "attack:", "holes", 4, {**defect(1), "attack": "d", "severity": "low"}),
    ("adaptive-scouts", "explore", "findings", 8, {**defect(1), "found": "d"}),
]


@pytest.mark.parametrize(("name", "label", "field", "most", "item"), FULL, ids=[full[0] for full in FULL])
def test_a_list_that_came_back_full_is_told(
    name: str, label: str, field: str, most: int, item: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    without_processes(monkeypatch)
    before = [("surfaces", {"surfaces": [{"name": "n", "enters": "a:1"}]}), ("scout", {"why": "-", "promise": 9})]
    full, fewer = (result_of(name, *before, (label, {field: [item] * count})) for count in (most, most - 1))
    more = "there_may_be_more_holes" if name == "security-audit" else "there_may_be_more"
    assert full[more] and not fewer[more]


def test_a_place_is_not_named_by_a_longer_one_nor_spelt_by_who_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)
    harness = builtin_harness("answer-from-files")
    demo = harness and demo_of(harness)
    assert demo is not None
    file = demo.args["files"][0]
    passages = [{"statement": f"s{line}", "source": f"./{file}", "line": line} for line in (1, 12)]
    told = result_of(
        "answer-from-files", (f"^search:{file}$", {"passages": passages}), ("answer", f"It is so ({file}:12)")
    )
    assert [(one["source"], one["line"]) for one in told["rests_also_on"]] == [(file, 12)]


def test_edits_that_take_the_same_lines_do_not_fit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)
    edits = [{"old": "one\ntwo", "new": "1"}, {"old": "two\nthree", "new": "2"}]
    said = [("find", {"places": [{"line": 1, "code": "one"}]}), ("change", {"edits": edits})]
    result = result_of("migration", *said, text="one\ntwo\nthree\n")
    assert result["refuted"] and not result["survives"]


def test_a_log_of_many_kinds_is_told_and_shown_with_its_commonest(monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)
    rare = [f"{first}{second}{third} failed" for first in "ghijklmn" for second in "ghijklm" for third in "ghijklm"]
    ids = [f"job {digit:04x}{digit:04x}-a{digit:03x}-{digit:04x} is late" for digit in range(16, 400)]
    last = {"events": [{"event": "late", "number": 40, "severity": "critical"}]}
    result = result_of("log-mining", ("^mine", last), text="\n".join([*rare, *ids]))
    assert (result["kinds"], result["kinds_not_shown"]) == (len(rare) + 1, len(rare) + 1 - 320)
    assert max(event["count"] for event in result["events"]) >= len(ids)
