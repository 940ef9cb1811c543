"""The given corpora: no attack that must be denied gets through, every harmless script runs as under plain Python."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def attacks(run, corpus):
    cases = corpus("attacks")
    denied = {case["id"]: case["source"] for case in cases if case["kind"] == "deny"}
    others = {case["id"]: case["source"] for case in cases if case["kind"] != "deny"}
    # Some of what is to be denied would end by itself in a second, where the machine is fast.
    return cases, run(denied, cpu_seconds=0.4) | run(others)


@pytest.mark.slow
def test_no_attack_that_must_be_denied_succeeds(attacks):
    cases, outcomes = attacks
    denied = [case["id"] for case in cases if case["kind"] == "deny"]
    assert [name for name in denied if _escaped(outcomes[name])] == []
    assert len(denied) > 150


@pytest.mark.slow
def test_hazards_end_in_an_answer_or_an_error(attacks):
    """They are legal Python; what matters is that the process survives them."""
    cases, outcomes = attacks
    hazards = {case["id"]: outcomes[case["id"]]["how"] for case in cases if case["kind"] == "hazard"}
    assert {name: how for name, how in hazards.items() if how == "killed"} == {}


def test_attacks_are_stopped_for_a_reason_that_is_told(attacks):
    _, outcomes = attacks
    assert [name for name, outcome in outcomes.items() if outcome["how"] == "PolicyError" and not outcome["what"]] == []


def test_harmless_scripts_run_as_under_plain_python(run, corpus):
    cases = corpus("benign")
    outcomes = run({case["id"]: case["source"] for case in cases})
    expected = {case["id"]: ("returned", case["expected"]) for case in cases}
    assert {name: (outcome["how"], outcome["what"]) for name, outcome in outcomes.items()} == expected


def _escaped(outcome):
    return outcome["how"] == "returned" and str(outcome["what"]).startswith("ESCAPED")
