"""The manual: a page for every code, which says all that a finding of that code needs."""

from __future__ import annotations

import pytest

from weft.linter import PAGES, RULES, Page, page, page_text
from weft.linter.problem import PROBLEMS


def test_there_is_a_page_for_each_kind_of_finding() -> None:
    assert [one.code for one in PAGES] == sorted({kind.code for kind in (*RULES, *PROBLEMS)})


@pytest.mark.parametrize("about", PAGES, ids=lambda about: about.code)
def test_a_page_shows_all_that_it_knows(about: Page) -> None:
    text = page_text(about)
    words = " ".join(text.split())
    assert text.startswith(f"# {about.code} {about.name} ({about.severity})\n")
    for part in (about.title, about.what, about.why, about.when_not, about.fix):
        assert part in words
    for line in (about.bad + "\n" + about.good).split("\n"):
        assert line in text
    assert f"ok[{about.code}] reason" in text or not about.suppressible


def test_examples_are_indented_as_they_are_written() -> None:
    about = page("b103")
    assert about is not None
    assert about.bad.startswith("notes = []\nfor f in FILES:\n    notes.append(")
