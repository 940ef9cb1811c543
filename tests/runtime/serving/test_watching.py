"""Looking on while a run goes on: a snapshot and what changes after it come to what a later snapshot has.

The run says again, step by step, what a real one has said; whoever holds its lock executes it.
"""

from __future__ import annotations

import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import accumulate
from pathlib import Path
from typing import Any

import httpx2
import pytest
from crowd import Crowd
from running import resume_source, run_source
from served import Message, Replayed, client_of, messages, served

from weft.runtime.journal.events import Event
from weft.runtime.serving import feeds
from weft.runtime.serving.feeds import Feed
from weft.runtime.serving.server import Server

SOURCE = """
from weft.primitives import agent, finding, parallel, phase


async def main(args):
    phase("Look")
    found = await parallel([agent(f"Look at {n}", label=f"look:{n}") for n in range(8)])
    finding({"of": len(found)})
    phase("Check")
    return await agent("Check", label="check")
"""
STUB = {
    "rules": [{"match": {"label": "look:3"}, "lost": "provider"}],
    "default": {"result": "fine", "latency": 2, "usage": {"input": 1000, "output": 100}},
}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[float, Event]]:
    """Return what a run has said in two executions."""
    folder = tmp_path_factory.mktemp("said")
    done = run_source(SOURCE, folder, stub=STUB, concurrency=3)
    resume_source(done, folder, stub={"default": {"result": "late"}})
    return done.folder.events()


def first_execution(said: list[tuple[float, Event]]) -> int:
    return next(number for number, (_, event) in enumerate(said, start=1) if event.type == "run_ended")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shop")


@pytest.fixture(scope="module")
def server(shop: Path) -> Iterator[Server]:
    with served(shop) as server:
        yield server


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx2.Client]:
    with client_of(server.address.url, server.address.token) as client:
        yield client


@pytest.fixture
def going(shop: Path, said: list[tuple[float, Event]]) -> Iterator[Replayed]:
    replayed = Replayed(shop, said)
    with replayed.folder.locked():
        yield replayed
    replayed.close()


def address(client: httpx2.Client, going: Replayed) -> str:
    project = client.get("/api/v1/projects").json()["projects"][0]["name"]
    return f"/api/v1/projects/{project}/runs/{going.folder.id}"


Rows = dict[int, dict[str, Any]]


def rows(agents: dict[str, list[Any]]) -> Rows:
    """Return the agents of columns, by number."""
    numbers = [*accumulate(agents["id"])]
    return {
        number: {name: values[place] for name, values in agents.items() if name != "id"}
        for place, number in enumerate(numbers)
    }


class Viewer:
    """A page: it takes a snapshot, and what changes into it."""

    def __init__(self, client: httpx2.Client, at: str) -> None:
        shown = client.get(at).json()
        self.seq, self.head, self.agents = shown["seq"], shown["head"], rows(shown["agents"])

    def take(self, message: Message) -> None:
        assert message.event == "change" and message.id is not None
        assert float(message.id) == message.data["seq"] > self.seq
        self.seq = message.data["seq"]
        self.head |= message.data["head"]
        self.agents |= rows(message.data["agents"])

    def check(self, client: httpx2.Client, at: str) -> None:
        now = Viewer(client, at)
        assert (self.seq, self.head, self.agents) == (now.seq, now.head, now.agents)


def test_a_snapshot_and_changes_come_to_the_fold_also_after_a_break(client: httpx2.Client, going: Replayed) -> None:
    going.say(6)
    at = address(client, going)
    viewer = Viewer(client, at)
    assert viewer.head["outcome"] == "running"
    with client.stream("GET", f"{at}/stream?after={viewer.seq}") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        coming = messages(answer)
        for said in (1, 5, 4):
            going.say(said)
            while viewer.seq < len(going.folder.events()):
                viewer.take(next(coming))
        viewer.check(client, at)
    going.say(first_execution(going.events))
    # A browser says by this header how far it was; the address is that of before.
    with client.stream("GET", f"{at}/stream?after=0", headers={"Last-Event-ID": f"{viewer.seq:g}"}) as answer:
        viewer.take(next(messages(answer)))
    assert viewer.head["outcome"] == "completed" and viewer.agents[3]["cause"] == "provider"
    viewer.check(client, at)


def test_who_watches_a_run_that_begins_again_is_told_to_look_anew(client: httpx2.Client, going: Replayed) -> None:
    going.say(first_execution(going.events))
    at = address(client, going)
    viewer = Viewer(client, at)
    with client.stream("GET", f"{at}/stream?after={viewer.seq}") as answer:
        going.say()
        assert [message.event for message in messages(answer)] == ["resync"]  # and the stream ends
    assert Viewer(client, at).head["execution"] == 2


def test_who_is_too_far_behind_is_told_to_look_anew(
    client: httpx2.Client, going: Replayed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "MOST_ROWS", 2)
    going.say(4)
    at = address(client, going)
    seq = Viewer(client, at).seq
    going.say(first_execution(going.events))
    with client.stream("GET", f"{at}/stream?after={seq}") as answer:
        (message,) = messages(answer)
    assert (message.event, message.id) == ("resync", None)


def test_a_run_that_was_killed_is_said_to_be(shop: Path, said: list[tuple[float, Event]]) -> None:
    replayed = Replayed(shop, said)
    replayed.say(first_execution(said) - 1)
    feed = Feed(replayed.folder)
    with replayed.folder.locked():
        before = feed.read()
        assert feed.head()["outcome"] == "running"
    feed._life_at -= feeds.LIFE_S
    assert feed.read() == before + 0.5
    assert feed.head() == {**feed.head(), "outcome": "killed", "health": "degraded"}
    state = replayed.folder.state()
    assert feed.head()["spent"]["usd"] == round(state.spent.usd, 6)
    replayed.close()


def test_a_run_that_is_taken_away_is_said_to_be(client: httpx2.Client, going: Replayed) -> None:
    going.say(4)
    at = address(client, going)
    with client.stream("GET", f"{at}/stream?after=4") as answer:
        shutil.rmtree(going.folder.path)
        (message,) = messages(answer)
    assert message.event == "problem" and message.data["error"]["type"] in ("JournalError", "NotFound")
    assert client.get(at).status_code == 404


def test_one_reader_reads_each_event_once_for_all(
    client: httpx2.Client, going: Replayed, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[int] = []
    take = Feed._take

    def counted(feed: Feed, events: list[tuple[float, Event]]) -> None:
        taken.append(len(events))
        take(feed, events)

    monkeypatch.setattr(Feed, "_take", counted)
    going.say(4)
    at = f"{address(client, going)}/stream?after=4"
    with client.stream("GET", at) as one, client.stream("GET", at) as other:
        going.say(3)
        both = [next(messages(one)), next(messages(other))]
    assert {message.event for message in both} == {"change"}
    assert sum(taken) == 7


def test_what_waits_for_a_person_is_told(client: httpx2.Client, going: Replayed) -> None:
    going.say(4)
    assert client.get("/api/v1/questions").json() == {"questions": []}
    listed = client.get("/api/v1/runs").json()["runs"]
    assert (listed[0]["run"], listed[0]["outcome"]) == (going.folder.id, "running")  # those that go on come first


def test_the_list_of_runs_is_told_as_it_changes(
    client: httpx2.Client, going: Replayed, shop: Path, said: list[tuple[float, Event]]
) -> None:
    going.say(4)
    path = "/api/v1/runs/stream?outcome=running"
    with client.stream("GET", path) as answer, client.stream("GET", path) as other:
        coming = messages(answer)
        first = next(coming)
        assert [row["run"] for row in first.data["runs"]] == [going.folder.id]
        assert next(messages(other)).data == first.data
        begun = Replayed(shop, said)
        begun.say(6)
        with begun.folder.locked():
            told = next(coming).data
            assert [row["run"] for row in told["runs"]] == [begun.folder.id]  # what is as it was is not told again
            assert told["order"] == [told["runs"][0]["cursor"], *first.data["order"]]
            going.say(first_execution(said) - 4)
            ended = next(message.data for message in coming if len(message.data["order"]) == 1)
            assert (ended["runs"], ended["order"]) == ([], told["order"][:1])
            # One that comes from an earlier server is told all.
            with client.stream("GET", path, headers={"Last-Event-ID": "17.0"}) as late:
                assert [row["run"] for row in next(messages(late)).data["runs"]] == [begun.folder.id]
        begun.close()


# ------------------------------------------------------------------------------------------------ many who look on


def test_viewers_cost_as_much_as_one_and_a_slow_one_is_resynced(
    shop: Path,
    server: Server,
    client: httpx2.Client,
    said: list[tuple[float, Event]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """20 of them, and one that takes nothing of what is sent to it: who executes the run knows nothing of them."""
    looks: list[float] = []
    read = Feed.read

    def counted(feed: Feed) -> float:
        looks.append(time.monotonic())
        return read(feed)

    monkeypatch.setattr(Feed, "read", counted)
    monkeypatch.setattr(feeds, "MOST_ROWS", 250)
    crowd = Crowd(shop, [event for _, event in said], label="l" * 500)
    crowd.call(range(500))
    at = f"/api/v1/projects/{shop.name}/runs/{crowd.folder.id}"
    viewer = Viewer(client, at)
    with ExitStack() as stack:
        stack.enter_context(crowd.folder.locked())
        stalled = stack.enter_context(stalled_viewer(server, f"{at}/stream?after={viewer.seq}"))
        streams = [
            messages(stack.enter_context(client.stream("GET", f"{at}/stream?after={viewer.seq}"))) for _ in range(20)
        ]
        began, before = time.monotonic(), len(looks)
        told = [0 for _ in streams]
        for turn in range(10):
            first = turn * 50
            crowd.start(range(first, first + 50))
            for place, coming in enumerate(streams):
                while told[place] <= turn:  # each sees each change
                    message = next(coming)
                    told[place] += message.event == "change"
                    if place == 0:
                        viewer.take(message)
        turns = (time.monotonic() - began) / feeds.TURN_S + 2
        assert max(told) <= turns
        assert len(looks) - before <= turns
        viewer.check(client, at)
        stalled.settimeout(60)
        sent = b""
        while b"event: resync" not in sent:
            sent += stalled.recv(1 << 16)
            assert b"event: clock" not in sent
        assert 0 < sent.count(b"event: change") < 10
    crowd.close()


@contextmanager
def stalled_viewer(server: Server, path: str) -> Iterator[socket.socket]:
    """Ask for a stream, and take nothing of it."""
    host, _, port = server.address.url.removeprefix("http://").partition(":")
    server._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)  # or the system takes much before it stalls
    with socket.socket() as viewer:
        viewer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        viewer.connect((host, int(port)))
        asked = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {server.address.token}\r\n\r\n"
        viewer.sendall(asked.encode())
        yield viewer
