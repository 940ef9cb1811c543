"""Pages on a terminal: real widths, colours where they are wanted, plain text where nobody looks."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import get_args

import pytest
from command import weft, weft_process
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from terminal import ESCAPE, on_terminal

from weft.runtime.page import Folded, Line, Role, Table, apart_in, line, shortened, text
from weft.runtime.views.terminal import STYLES, fitted, show

TEXTS = st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), max_size=120)

HARNESS = """
from weft.primitives import agent, log, parallel


async def main(args):
    log("counting " + "the words of a long message " * 4)
    return await parallel([agent(f"{n}", label=f"read:{'deep/' * 20}part_{n}.md") for n in range(3)])
"""
STUB = """{
    "rules": [{"match": {"label": "part_1"}, "lost": "timeout"}],
    "default": {"from_schema": true, "latency": 1}
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    (folder / "h.py").write_text(HARNESS)
    (folder / "stub.json").write_text(STUB)
    assert weft(folder, "run", "h.py", "--agents", "stub:stub.json").code == 4
    return folder


@given(st.text(max_size=30), st.sampled_from([None, 20, 60]))
def test_nothing_on_a_page_is_left_that_a_terminal_would_obey_or_that_passes_for_another_line(
    said: str, width: int | None
) -> None:
    cells = Table(((line(said), line((said, "lost"))),), ("a", "b"), otherwise=(said,))
    folded = Folded((said, line(said)), 1, said)
    for page in ([line("name    ", (said, "strong"), hang=8)], [said, cells, folded]):
        rows = [row.plain for row in fitted(page, width)]
        assert all(row.isprintable() for row in rows)
        assert all(row.isprintable() for row in text(page).split("\n"))
    for shown in (text([line("name    ", said, hang=8)]).split("\n"), rows_of(line("name    ", said, hang=8), width)):
        assert all(row.startswith("  ") or not row for row in shown[1:])


def rows_of(block: Line, width: int | None) -> list[str]:
    return [row.plain for row in fitted([block], width)]


@given(TEXTS, st.integers(20, 100))
def test_words_are_wrapped_within_the_width_and_go_on_indented(words: str, width: int) -> None:
    rows = [row.plain for row in fitted([line("name    ", words, hang=8)], width)]
    assert all(cell_len(row) <= width for row in rows)
    assert all(row.startswith("  ") for row in rows[1:])
    assert "".join("".join(rows).split()) == "".join(f"name{words}".split())


@given(st.lists(st.tuples(TEXTS, TEXTS, st.integers()), max_size=5), st.integers(20, 120))
def test_tables_fit(rows: list[tuple[str, str, int]], width: int) -> None:
    cells = tuple(tuple(line(str(cell)) for cell in row) for row in rows)
    for head in (("name", "what", "how many"), ()):
        table = Table(cells, head, right=frozenset({2}), names=frozenset({0}))
        shown = list(fitted([table], width))
        assert all(row.cell_len <= width for row in shown)
        assert bool(shown) == bool(rows or head)


@given(
    st.lists(st.lists(st.sampled_from(["", "x", "0.6 s", "a longer one"]), min_size=4, max_size=4), max_size=4),
    st.integers(14, 40),
    st.integers(20, 120),
)
def test_columns_without_anything_take_no_room_and_names_stay_readable(
    rows: list[list[str]], length: int, width: int
) -> None:
    """A name is never cut below 16 columns: then rows are shown as lines, in which it may have one for itself."""
    names = [f"{chr(97 + number) * length}" for number in range(len(rows))]
    cells = tuple((line(name), *map(line, row)) for name, row in zip(names, rows, strict=True))
    table = Table(cells, ("name", "b", "c", "d", "e"), right=frozenset({2}), names=frozenset({0})).compact()
    there = [any(row[column] for row in rows) for column in range(4)] if rows else [True] * 4
    assert table.head == ("name", *(name for name, kept in zip("bcde", there, strict=True) if kept))
    for name in names:
        shown = "\n".join(row.plain for row in fitted([table], width))
        assert shown.count(name[0]) >= min(length, 15) or width < 24


@given(st.lists(TEXTS, max_size=6), st.integers(12, 40))
def test_short_names_fit_and_differ_where_the_names_do(names: list[str], width: int) -> None:
    assert all(cell_len(name) <= width for name in apart_in(names, width))


def test_names_that_differ_somewhere_are_shown_there() -> None:
    ends = [f"read:{'deep/' * 20}part_{n}.md" for n in range(3)]
    assert apart_in(ends, 20) == [shortened(name, 20) for name in ends]
    middles = [f"{'a' * 50}{n}{'b' * 50}" for n in range(3)]
    short = apart_in(middles, 20)
    assert len(set(short)) == 3
    assert all(str(n) in name for n, name in enumerate(short))


def test_what_is_folded_is_whole_in_a_pipe_and_ends_in_a_pointer_on_a_terminal() -> None:
    page = [Folded(tuple(map(str, range(50))), 10, "all.md")]
    assert text(page).split() == [str(number) for number in range(50)]
    rows = [row.plain for row in fitted(page, 80)]
    assert rows[9:] == ["9", "… 40 more lines: all.md"]
    assert len(list(fitted([Folded(tuple(map(str, range(12))), 10, "all.md")], 80))) == 12


def test_a_stream_that_is_no_terminal_gets_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    stream = io.StringIO()
    show([line(("word " * 100, "lost"))], stream)
    assert stream.getvalue() == ("word " * 100).rstrip() + "\n"


def test_all_meanings_have_a_look() -> None:
    assert STYLES.keys() == set(get_args(Role))
    assert len(set(STYLES.values())) == len(STYLES)


@pytest.mark.parametrize("columns", [40, 120])
def test_lines_end_where_the_terminal_does(folder: Path, columns: int) -> None:
    for words in (("show", "@last"), ("runs",), ("show", "nothing"), ("resume", "@last", "--agents", "stub:stub.json")):
        printed = on_terminal(folder, *words, columns=columns)
        rows = re.split(r"[\r\n]", ESCAPE.sub("", printed))
        assert max(cell_len(row) for row in rows) <= columns
        assert "\x1b[" in printed


def test_runs_that_cost_nothing_name_no_cost(folder: Path) -> None:
    assert "cost" not in weft(folder, "runs").out and "$" not in weft(folder, "runs").out


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_who_wants_no_colours_gets_none(folder: Path, environment: dict[str, str]) -> None:
    printed = on_terminal(folder, "show", "@last", **environment)
    assert "\x1b" not in printed
    assert "lost" in printed


def test_a_pipe_gets_labels_whole_and_colours_only_by_force(folder: Path) -> None:
    label = f"read:{'deep/' * 20}part_1.md"
    plain = weft_process(folder, "show", "@last").out
    assert label in plain
    assert "\x1b" not in plain
    forced = weft_process(folder, "show", "@last", NO_COLOR="", FORCE_COLOR="1").out
    assert "\x1b[31m" in forced
    assert ESCAPE.sub("", forced).split() == plain.split()


def test_what_a_harness_logs_stays_and_is_in_the_result(folder: Path) -> None:
    printed = ESCAPE.sub("", on_terminal(folder, "run", "h.py", "--agents", "stub:stub.json"))
    assert printed.count("log     counting the words") == 2
    assert "Traceback" not in printed
    piped = weft_process(folder, "run", "h.py", "--agents", "stub:stub.json")
    assert "log     counting the words" in piped.out
    assert "log     counting the words" in piped.err


def test_a_branch_that_was_lost_is_called_lost(folder: Path) -> None:
    page = weft(folder, "show", "@last").out
    assert re.search(r"\w+, lost, \w+", page)
    assert "None" not in page.replace("got None", "")
