"""What a shipped harness says on a bad day must differ from what it says when there is nothing to say.

Two runs of each demonstration are compared whose agents answer otherwise: results that are the same would hide a loss,
or take what nobody could decide for what was refuted. No right answer has to be known for that.
"""

from __future__ import annotations

from typing import Any

import pytest
from demonstrating import demonstrate, rules_of
from unconfined import without_processes

from weft.runtime.journal import RunState
from weft.runtime.project.harness import Harness
from weft.runtime.project.shipped import builtin_harnesses, demo_of


def verifies(harness: Harness) -> bool:
    return any("verify" in rule["match"].get("label", "") for rule in rules_of(harness))


def lists_files(harness: Harness) -> bool:
    """Whether a harness lists the files by rule where nobody names any."""
    schema = harness.args_schema or {}
    return "files" in schema.get("properties", {}) and "files" not in schema.get("required", [])


SHIPPED = [harness for harness in builtin_harnesses() if demo_of(harness) is not None]
every = pytest.mark.parametrize("harness", SHIPPED, ids=lambda harness: harness.name)
listing = pytest.mark.parametrize("harness", [*filter(lists_files, SHIPPED)], ids=lambda harness: harness.name)
verifying = pytest.mark.parametrize("harness", [*filter(verifies, SHIPPED)], ids=lambda harness: harness.name)


def result_of(done: RunState) -> Any:
    return None if done.ended is None else done.ended.result


@every
def test_a_lost_run_is_not_a_clean_one_that_found_nothing(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)
    lost = demonstrate(harness, rules=[{"match": {}, "lost": "provider"}])
    empty = demonstrate(harness, rules=[{"match": {}, "from_schema": True}])
    assert empty.outcome == "completed"
    assert lost.health == "degraded"
    assert lost.outcome == "error" or result_of(lost) != result_of(empty)


@listing
@pytest.mark.parametrize("listed", [{"result": []}, {"lost": "timeout"}], ids=["none", "lost"])
def test_no_files_at_all_are_told(harness: Harness, listed: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)
    rules = [{"match": {"tool": "list_files"}, **listed}, {"match": {}, "from_schema": True}]
    done = demonstrate(harness, rules=rules, without=("files",))
    assert (done.outcome, done.health) == ("completed", "degraded")


@verifying
def test_undecided_is_not_refuted(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)
    skeptics = {"label": "^verify"}
    said = {"verdict": "refuted", "reason": "it does not stand there", "evidence": []}
    lost = demonstrate(harness, rules=[{"match": skeptics, "lost": "timeout"}, *rules_of(harness)])
    refuted = demonstrate(harness, rules=[{"match": skeptics, "result": said}, *rules_of(harness)])
    assert result_of(lost) != result_of(refuted)
