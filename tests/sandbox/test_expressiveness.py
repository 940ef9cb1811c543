"""How much of ordinary Python the language of a harness has: programs that other people wrote, with their tests.

`programs.jsonl` holds the solutions of HumanEval (MIT, https://github.com/openai/human-eval) and MBPP (CC BY 4.0,
https://github.com/google-research/google-research/tree/master/mbpp), each followed by its own assertions. The suite
takes those that are refused, and a third of the others; `WEFT_MORE=1` takes all.
"""

from __future__ import annotations

import os

import pytest

pytestmark = pytest.mark.slow

REFUSED = {
    **dict.fromkeys(["MBPP-137", "MBPP-442", "MBPP-530"], "module `array`"),
    **dict.fromkeys(["MBPP-124", "MBPP-252", "MBPP-590", "MBPP-688"], "module `cmath`"),
    **dict.fromkeys(["MBPP-910"], "module `datetime`"),  # there is no clock
    **dict.fromkeys(["HumanEval-162"], "module `hashlib`"),
    **dict.fromkeys(["HumanEval-32", "HumanEval-38", "HumanEval-50", "HumanEval-53"], "module `random`"),
    **dict.fromkeys(["MBPP-100", "MBPP-303", "MBPP-531", "MBPP-596", "MBPP-663"], "module `sys`"),
    **dict.fromkeys(["MBPP-717", "MBPP-836", "MBPP-938"], "module `sys`"),
    "HumanEval-160": "`eval` is not available",
    "MBPP-696": "attribute `__add__`",  # called by its name
    "MBPP-872": "attribute `__contains__`",
}
"""The programs that do not run, and what they use that the language does not have."""


@pytest.fixture(scope="module")
def outcomes(run, corpus):
    sources = {case["id"]: case["source"] + "\nasync def main(args): return 'ran'\n" for case in corpus("programs")}
    assert len(sources) - len(REFUSED) == 1114
    step = 1 if os.environ.get("WEFT_MORE") else 3
    taken = {*list(sources)[::step], *REFUSED}
    return run({name: source for name, source in sources.items() if name in taken}, cpu_seconds=10)


def test_all_other_programs_run_and_pass_their_own_tests(outcomes):
    failed = {name: outcome["what"] for name, outcome in outcomes.items() if outcome["what"] != "ran"}
    assert {name: what for name, what in failed.items() if name not in REFUSED} == {}


def test_what_is_refused_is_refused_by_name(outcomes):
    assert {name for name, words in REFUSED.items() if words not in outcomes[name]["what"]} == set()
