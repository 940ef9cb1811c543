"""How far votes rest on different evidence, and what a claim is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.primitives.independence import Ground, independence, names_a_source, told_of

NOTHING = told_of("the sky is green", ())


def word(*votes: str, about: Any = NOTHING) -> tuple[str, float | None]:
    """Return the word and the share for votes that have opened these places."""
    rests = independence([Ground(tuple(places.split())) for places in votes], about)
    return rests["word"], rests["share"]


@pytest.mark.parametrize(
    ("votes", "expected"),
    [
        ([], ("same source", None)),
        (["a.md:1-2"], ("same source", None)),  # one is not independent of itself
        (["a.md:1-2", "b.md:1-2"], ("independent", 1.0)),
        (["a.md:1-9", "a.md:7-20"], ("same source", None)),
        (["a.md:1-2", "a.md:7-9"], ("independent", 0.5)),  # other lines of one file are half the same
        (["a.md:1-2 b.md:1-1", "a.md:1-2"], ("independent", 0.5)),
        (["a.md b.md c.md", "a.md b.md"], ("partly", 0.3333)),
        (["", ""], ("same source", None)),  # both rest on the wording of the claim alone
        (["", "a.md"], ("independent", 0.5)),
        (["https://x.org/a", "https://x.org/b"], ("independent", 1.0)),
        (["http://localhost:80/a", "http://localhost:80/a"], ("same source", None)),
        (["a.md:1-2", "./a.md:1-2", ".//a.md/:1-2"], ("same source", None)),  # one file, one page, however spelt
        (["https://x.org/p", "http://www.X.org/p/#a"], ("same source", None)),
        (["https://x.org/p?n=1", "https://x.org/p?n=2"], ("independent", 1.0)),
        (['search_text("x")', 'search_text("y")'], ("independent", 1.0)),
    ],
)
def test_falls_with_what_two_votes_have_in_common(votes: list[str], expected: tuple[str, float | None]) -> None:
    votes = [vote.replace(" ", "\n") if "search" in vote else vote for vote in votes]
    assert word(*votes) == expected


@pytest.mark.parametrize(
    ("votes", "expected"),
    [
        (["a.md:1-9", "a.md:1-9", "a.md:40-50"], ("none needed", None)),  # everybody must open it
        (["a.md:1-9", "a.md:1-9 b.md:1-9"], ("independent", 0.5)),
        (["a.md:1-9 b.md:1-9", "a.md:1-9 b.md:1-9"], ("same source", None)),
        (["a.md:1-9 b.md:1-9", "a.md:1-9 c.md:1-9"], ("independent", 1.0)),
        (["a.md:1-9", "a.md:1-9", "a.md:1-9 b.md"], ("partly", 0.3333)),
        (["a.md:1-9", ""], ("same source", None)),  # one has not even opened it
        (["a.md:1-9"], ("none needed", None)),
    ],
)
def test_what_a_claim_is_about_does_not_count(votes: list[str], expected: tuple[str, float | None]) -> None:
    about = told_of({"statement": "jobs are kept", "where": "a.md:3"}, ())
    assert word(*votes, about=about) == expected


def test_another_model_reads_the_same_evidence_otherwise() -> None:
    one, other = Ground(("a.md",), (None, None)), Ground(("a.md",), (None, "another"))
    assert independence([one, one], NOTHING)["word"] == "same source"
    assert independence([one, other], NOTHING)["share"] == 0.5
    # Where nobody has opened anything, there is nothing that another model could have read otherwise.
    assert independence([Ground((), (None, None)), Ground((), (None, "another"))], NOTHING)["word"] == "same source"


PLACES = st.sampled_from(["a.md:1-9", "a.md:5-6", "a.md:20-30", "b.md", "https://x.org", 'run_command("ls")'])
VOTES = st.lists(st.lists(PLACES, max_size=4), max_size=5)


@given(VOTES, st.data())
def test_is_a_share_and_ignores_order(votes: list[list[str]], data: Any) -> None:
    about = told_of("a.md is green", ()) if data.draw(st.booleans()) else NOTHING
    grounds = [Ground(tuple(vote)) for vote in votes]
    found = independence(grounds, about)
    assert found["share"] is None or 0 < found["share"] <= 1
    assert (found["share"] is None) == (found["word"] in ("same source", "none needed"))
    shuffled = [
        Ground(tuple(data.draw(st.permutations(ground.places)))) for ground in data.draw(st.permutations(grounds))
    ]
    assert independence(shuffled, about) == found


@given(st.lists(PLACES, min_size=1, max_size=4), st.integers(2, 5))
def test_votes_on_the_same_evidence_are_one(places: list[str], number: int) -> None:
    assert independence([Ground(tuple(places))] * number, NOTHING)["word"] == "same source"


class TestSubject:
    @pytest.mark.parametrize(
        ("claim", "subject", "source", "is_named"),
        [
            ({"file": "docs/a.md", "line": 3}, (), "docs/a.md", True),
            ("In docs/a.md, line 3, it says so.", (), "docs/a.md", True),
            ("a.md:3 says so", (), "docs/a.md", True),  # by its end
            ("./a.md says so.", (), "a.md", True),
            ("it is in A.md", (), "a.md", True),
            ("old/a.md says so", (), "docs/a.md", False),  # of another folder
            ("data.md says so", (), "a.md", False),
            ("a.md.bak says so", (), "a.md", False),
            ("a.mdx says so", (), "a.md", False),
            ("see https://x.org/docs/ for that", (), "https://x.org/docs", True),
            ("see https://x.org/docs for that", (), "https://x.org/doc", False),
            ("docs are good", (), "https://x.org/docs", False),
            ("so it is", ("a.md:3",), "a.md", True),
            ("so it is", ("docs/",), "docs/a.md", True),
            ("so it is", ("docs",), "docs/deep/a.md", True),
            ("so it is", ("./docs",), "Docs/a.md", True),
            ("so it is", (".",), "docs/a.md", True),
            ("so it is", (".",), "https://x.org/a", False),
            ("so it is", (".",), 'search_text("a")', False),
            ("see http://www.x.org/p for that", (), "https://x.org/p", True),
            ("see https://x.org/p?utm=1", (), "https://x.org/p", True),
            ("see https://max.org/p", (), "https://x.org/p", False),
            ("so it is", (), "a.md", False),
            ([{"deep": ["mein Ordner/eine Datei.txt"]}], (), "mein Ordner/eine Datei.txt", True),
        ],
    )
    def test_is_what_the_claim_names(self, claim: Any, subject: Sequence[str], source: str, is_named: bool) -> None:
        assert told_of(claim, subject)(source) is is_named

    @pytest.mark.parametrize(
        ("claim", "expected"),
        [
            ("two and two make four, e.g. in base ten", False),
            ({"statement": "so it is", "confidence": 3}, False),
            ("src/a.py leaks", True),
            ("main.c:12 leaks", True),
            ({"statement": "it leaks", "where": "main.c"}, True),
            ({"statement": "it leaks", "source": "Smith 2020"}, True),
            ({"statement": "it leaks", "source": ""}, False),
            (["see https://x.org"], True),
        ],
    )
    def test_is_something_that_can_be_opened(self, claim: Any, expected: bool) -> None:
        assert names_a_source(claim) is expected

    @pytest.mark.parametrize(
        "text", ["x" * 900_000, "a/" * 400_000, "a." * 400_000, "a://" * 200_000 + " ", "/." * 400_000]
    )
    def test_is_found_in_any_text_in_no_time(self, text: str) -> None:
        names_a_source({"claim": text, "more": [text]})
        assert not told_of(text, ())("docs/nowhere.md")
