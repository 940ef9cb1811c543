"""Data as a page: nothing in it is lost, nothing of it is raw, and votes are put in words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from weft.runtime.outline import flat, outline
from weft.runtime.page import text
from weft.runtime.views.terminal import fitted

WORDS = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=30)
DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


def shown(value: Any, **how: Any) -> str:
    return text(outline(value, **how))


def leaves(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [leaf for inner in value.values() for leaf in leaves(inner)]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in leaves(inner)]
    return [value] if isinstance(value, str) else []


@given(DATA)
def test_every_text_stands_in_it_and_no_bracket_of_python(value: Any) -> None:
    page = shown(value)
    assert all(leaf in page for leaf in leaves(value))
    assert not set("{}[]'") & set(page)


@given(DATA, st.integers(20, 130))
def test_no_line_is_wider_than_the_terminal_and_nothing_is_cut(value: Any, width: int) -> None:
    rows = [row.plain for row in fitted(outline(value), width)]
    assert all(cell_len(row) <= width for row in rows)
    whole = "".join("".join(rows).split())
    assert all(leaf in whole for leaf in leaves(value))


def test_equal_records_are_a_table_where_they_fit() -> None:
    records = [{"name": "a", "count": 1, "ok": True}, {"name": "日本語", "count": 200, "ok": False}]
    assert shown(records).splitlines() == ["name    count  ok", "a           1  yes", "日本語    200  no"]
    assert len(list(fitted(outline(records), 20))) == 3
    long = [{"one": "word " * 30, "two": "word " * 30}] * 2
    assert "one: word" in shown(long)
    assert shown(long).startswith("1. ")


def test_records_that_are_not_equal_are_blocks() -> None:
    assert shown([{"a": 1}, {"a": 1, "b": [{"c": 2}, {"d": 3}]}]).splitlines() == [
        "1. a: 1",
        "",
        "2. a: 1",
        "   b: 2",
        "     1. c: 2",
        "     2. d: 3",
    ]


def test_a_quotation_stands_with_its_place() -> None:
    assert shown([{"statement": "It  is\nso.", "source": "a.md", "line": 3}]) == "“It is so.” (a.md:3)"


def test_what_is_known_of_a_quotation_stands_beside_it_or_under_it() -> None:
    quotation = {"quote": "so", "source": "a.md", "line": 3}
    assert shown([{**quotation, "hard": 2, "why": None}]) == "“so” (a.md:3) · hard: 2"
    assert shown({**quotation, "why": "for long " * 20}).startswith("“so” (a.md:3)\nwhy: for long")
    assert shown({"quote": "so", "source": "a.md", "line": {"a": 1}}).splitlines()[0] == "quote:  so"


def test_flat_is_one_line_of_the_same() -> None:
    assert flat([{"quote": "so", "source": "a.md", "line": 3, "hard": True}, None, {}]) == (
        "(“so” (a.md:3), hard: yes), nothing, nothing"
    )


@given(DATA)
def test_flat_has_every_text_and_no_line_break(value: Any) -> None:
    line = flat(value)
    assert all(leaf in line for leaf in leaves(value))
    assert "\n" not in line


def test_what_was_lost_is_called_so() -> None:
    assert shown(["a", None]) == "a, nothing"
    assert shown(["a", None], missing="lost") == "a, lost"
    assert shown({"a": 1, "b": None}) == "a: 1"
    assert shown({"a": 1, "b": None}, missing="lost").splitlines() == ["a: 1", "b: lost"]


def vote(verdict: str, *touched: str) -> dict[str, Any]:
    evidence = [{"source": "a.md", "line": 2, "quote": "so it is"}]
    return {"lens": "one", "verdict": verdict, "reason": "why", "evidence": evidence, "touched": list(touched)}


@pytest.mark.parametrize(
    ("votes", "independence", "words"),
    [
        ([vote("supported", "a.md:1-9")] * 3, 0.0, "3 of 3 votes rest on the same file: a.md"),
        ([vote("supported", "a.md:1-9"), vote("refuted", "b.md:1-9")], 1.0, "no two of 2 votes rest on the same file"),
        ([vote("supported", "a.md", "b.md"), vote("refuted", "b.md")], 0.5, "2 of 2 votes rest on the same file: b.md"),
        ([vote("supported")] * 2, 0.0, "none of the 2 votes opened a file"),
        (["supported", "supported", "unchecked"], 0.0, "all 2 votes rest on the same files"),
    ],
)
def test_independence_is_put_in_words(votes: list[Any], independence: float, words: str) -> None:
    page = shown({"survives": True, "votes": votes, "independence": independence})
    assert words in page
    assert str(independence) not in page


def test_votes_are_a_table_and_independence_of_one_says_nothing() -> None:
    votes = [vote("supported", "a.md"), vote("unchecked")]
    page = shown({"survives": False, "votes": votes, "independence": 1.0})
    assert "independence" not in page
    assert "no, votes: 1 supported, 1 unchecked" in page
    assert "one   supported  why     “so it is” (a.md:2)" in page


def test_a_number_of_that_name_alone_is_a_number() -> None:
    assert shown({"independence": 0.25}) == "independence: 0.25"


def test_of_more_than_anybody_reads_the_beginning_is_shown_and_how_much_is_not() -> None:
    records = [{"n": n, "tags": ["a", "b"]} for n in range(8_000)]
    page = shown({"records": records, "last": "never shown"})
    assert "records: the first 6,667 of 8,000" in page and "6666  a, b" in page and "never shown" not in page
    assert page.endswith("… and 4,000 more values, which only the data has (--json)")
    assert "more values" not in shown(records[:6_000])
