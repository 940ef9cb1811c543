"""Cassettes: what is kept of a run, and what a harness comes to over it, the same or an edited one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio
import pytest
from disturbed import Disturbed
from harnesses import harnesses
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from kept import RATING, rated
from racing import racing_harnesses
from running import run_source
from unconfined import without_processes

from weft.runtime.errors import JournalError, Refused
from weft.runtime.execution.resume import recorded_harness
from weft.runtime.journal import read_journal
from weft.runtime.journal.events import AgentFinished
from weft.runtime.keeping.cassette import Cassette, Unrecordable, cassette_of, parsed_cassette
from weft.runtime.keeping.playing import Played, play
from weft.runtime.project.folders import Project, RunFolder
from weft.runtime.project.harness import parse_harness

GOLDEN = Path(__file__).parents[2] / "golden"
UNFINISHED = {"failed", "killed", "paused", "unsettled"}


def cassette(folder: Path) -> Cassette:
    return cassette_of(Project(folder).find_run(rated(folder)).events())


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cassette]:
    with pytest.MonkeyPatch.context() as patch:
        without_processes(patch)
        yield cassette(tmp_path_factory.mktemp("kept"))


def over(kept: Cassette, edit: Callable[[str], str] = str) -> Played:
    source = edit(RATING)
    assert source != RATING or edit is str
    return anyio.run(play, parse_harness(source, name="rating", filename="rating.py"), kept)


@pytest.mark.parametrize("name", sorted(path.name for path in GOLDEN.iterdir() if path.is_dir()))
def test_every_recorded_run_with_a_result_plays_to_it(name: str) -> None:
    folder = RunFolder(GOLDEN / name)
    events = read_journal(folder.journal)
    if name in UNFINISHED:
        with pytest.raises(Refused, match="no result to keep"):
            cassette_of(events)
        return
    kept = cassette_of(events)
    read = parsed_cassette(kept.text(), Path(f"{kept.name}.jsonl"))
    assert read == kept
    played = anyio.run(play, recorded_harness(folder, kept.started), read)
    assert (played.passed, played.missing, played.problem) == (True, (), None)
    again = played.as_cassette("again")
    assert parsed_cassette(again.text(), Path("again.jsonl")) == again
    assert anyio.run(play, recorded_harness(folder, kept.started), again).passed


def test_nothing_of_the_machine_is_kept(kept: Cassette, tmp_path: Path) -> None:
    text = kept.text()
    assert str(tmp_path.parent) not in text and "stub.json" not in text
    assert not kept.started.owner
    assert all(not event.transcript for _, event in kept.events if isinstance(event, AgentFinished))


def test_a_secret_is_not_kept(kept: Cassette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "Rate a.py")
    with pytest.raises(Unrecordable, match="secret"):
        kept.text()


class TestAnEdit:
    def test_that_changes_nothing_passes(self, kept: Cassette) -> None:
        assert over(kept).passed
        assert over(kept, lambda text: text.replace("rated = [", "# moved\n\n    rated = [")).passed

    def test_that_changes_the_result_is_shown(self, kept: Cassette) -> None:
        played = over(kept, lambda text: text.replace("risk >= ", "risk < "))
        assert (played.passed, played.missing) == (False, ())
        assert played.difference is not None
        assert [place for place, _, _ in played.difference.results] == ["$.risky[0]"]

    def test_that_asks_for_something_else_is_told_what_stood_there(self, kept: Cassette) -> None:
        played = over(kept, lambda text: text.replace('f"Rate {file}"', 'f"Judge {file}"'))
        assert (played.passed, len(played.missing)) == (False, 3)
        assert played.difference is not None and not played.difference.results  # a loss is one there too

    def test_that_fails_says_where(self, kept: Cassette) -> None:
        played = over(kept, lambda text: text.replace("rated = [(", "rated = [] + 1\n    rated = [("))
        assert played.difference is not None and played.difference.now.ended is not None
        problem = played.difference.now.ended.problem
        assert problem is not None and problem.line == 19 and not played.completed

    def test_whose_arguments_are_others_says_so(self, kept: Cassette) -> None:
        played = over(kept, lambda text: text.replace('"minimum": 0', '"minimum": 9'))
        assert played.problem is not None and "no longer fit" in played.problem and not played.passed

    def test_that_never_ends_is_ended(self, kept: Cassette) -> None:
        endless = (
            'found = await agent("more")\n    while True:\n        await agent("more")\n    found = await parallel(['
        )
        played = over(kept, lambda text: text.replace("found = await parallel([", endless))
        assert played.difference is not None and not played.completed


@settings(max_examples=12)
@given(data=st.data())
def test_what_is_damaged_is_never_read_as_something_else(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text) - 1))
    damaged = data.draw(
        st.sampled_from(
            [
                text[:place],
                text[:place] + text[place + 1 :],
                text[:place] + "x" + text[place + 1 :],
                "".join(line for at, line in enumerate(text.splitlines(keepends=True)) if at != place % 9),
            ]
        )
    )
    if damaged != text:
        with pytest.raises(JournalError):
            parsed_cassette(damaged, Path("x.jsonl"))


@pytest.fixture(scope="module")
def text() -> str:
    return cassette_of(read_journal(GOLDEN / "complete" / "run.db")).text()


@pytest.mark.parametrize("head", [{"weft": "journal", "version": 999}, {"weft": "journal", "version": 0}, [], "x", {}])
def test_another_form_is_refused(text: str, head: object) -> None:
    with pytest.raises(JournalError):
        parsed_cassette(json.dumps(head) + text[text.index("\n") :], Path("x.jsonl"))


@pytest.mark.slow
@settings(max_examples=4, suppress_health_check=list(HealthCheck))
@given(
    source=st.one_of(harnesses(straight=False), racing_harnesses()),
    seed=st.integers(0, 99),
    lose=st.sampled_from([0.0, 0.3, 1.0]),
)
def test_whatever_came_to_a_result_plays_to_it(source: str, seed: int, lose: float) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        without_processes(patch)
        done = run_source(source, Path(folder), agents=Disturbed(seed, lose, None), max_agents=100)
        assume(done.state.outcome == "completed")
        kept = parsed_cassette(cassette_of(done.folder.events()).text(), Path("x.jsonl"))
        played = anyio.run(play, parse_harness(f"# moved\n{source}", name="test", filename="h.py"), kept)
        assert played.passed, played.missing
