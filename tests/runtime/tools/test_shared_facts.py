"""Facts that runs share over a real Redis server: the same as a run's own, and nothing lost where it goes wrong."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from random import Random
from uuid import uuid4

import anyio
import pytest
from anthropic_server import text, tool
from models import Serve, answers, only_loss, run_model, serve
from redis_server import PASSWORD, redis_server

from weft.runtime.cli.tooling import tools_here
from weft.runtime.errors import Refused, UsageError
from weft.runtime.execution.replay import replay
from weft.runtime.execution.resume import recorded_harness
from weft.runtime.journal import read_journal
from weft.runtime.journal.events import FactRemembered
from weft.runtime.project.config import Config, read_config
from weft.runtime.project.tooling import FactsConfig
from weft.runtime.tools import shared as module
from weft.runtime.tools.facts import Facts, Store
from weft.runtime.tools.refusing import ToolRefused
from weft.runtime.tools.registry import Unavailable
from weft.runtime.tools.shared import SharedFacts, shared_tools

__all__ = ["serve"]

TELLS = 'async def main(args):\n    return await agent("Tell.", tools=["remember"])\n'
ASKS = """
async def main(args):
    before = await tool("recall", key="owner")
    return [before, await agent("Ask.", tools=["remember", "recall"]), await tool("recall")]
"""
BOTH = ("remember", "recall")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
def config(server: str, monkeypatch: pytest.MonkeyPatch) -> FactsConfig:
    monkeypatch.setenv("FACTS_AT", server)
    return FactsConfig(redis="${FACTS_AT}", name=uuid4().hex)


@asynccontextmanager
async def opened(config: FactsConfig) -> AsyncIterator[SharedFacts]:
    store = SharedFacts(config)
    try:
        yield store
    finally:
        await store.close()


def fact(key: str, value: str, call: str = "") -> FactRemembered:
    return FactRemembered(key=key, value=value, version=0, by=3, call=call or uuid4().hex)


class TestRuns:
    def test_two_runs_share_facts_and_a_replay_gives_what_was_given(
        self, tmp_path: Path, serve: Serve, config: FactsConfig
    ) -> None:
        server = serve(
            answers(
                tool("remember", {"key": "owner", "value": "Ada", "expected": 0}),
                text("told"),
                tool("remember", {"key": "owner", "value": "Bob", "expected": 0}),
                tool("remember", {"key": "owner", "value": "Bob", "expected": 1}),
                text("asked"),
            )
        )
        facts = Config(facts=config)
        first = run_model(tmp_path / "here", TELLS, config=facts, allow=BOTH)
        second = run_model(tmp_path / "there", ASKS, config=facts, allow=BOTH)
        ada, bob = ({"key": "owner", "value": name, "version": n} for n, name in enumerate(("Ada", "Bob"), 1))
        assert second.result == [[ada], "asked", [bob]]
        assert "does not have version 0: it has version 1" in str(server.requests[-2])
        # What each has set is on its own record, and what it was given.
        assert [(one.value, one.version) for one in second.state.facts.values()] == [("Bob", 2)]
        anyio.run(_set_once, config, fact("owner", "Eve"))
        assert second.state.started is not None
        harness = recorded_harness(second.folder, second.state.started)
        assert anyio.run(replay, harness, read_journal(second.folder.journal)).result == second.result
        for done in (first, second):
            kept = [file.read_bytes() for file in done.folder.path.rglob("*") if file.is_file()]
            assert not any(PASSWORD.encode() in data for data in kept)

    def test_they_leave_the_run_so_nobody_has_them_without_a_grant(
        self, tmp_path: Path, serve: Serve, config: FactsConfig
    ) -> None:
        server = serve(answers(text("never")))
        with pytest.raises(Refused, match="'remember', which nobody has allowed") as refused:
            run_model(tmp_path, TELLS, config=Config(facts=config))
        assert "--allow remember" in str(refused.value.fix)
        assert "in Redis at ${FACTS_AT}" in str(refused.value.fix)
        assert server.requests == []

    def test_without_a_server_an_agent_is_lost_before_it_costs_anything_and_the_run_goes_on(
        self, tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server = serve(answers(text("else")))
        monkeypatch.setenv("FACTS_AT", f"redis://me:{PASSWORD}@127.0.0.1:1/0")
        config = Config(facts=FactsConfig(redis="${FACTS_AT}", name="nowhere"))
        source = TELLS.replace("return ", "") + '    return await agent("Else.", tools=[])\n'
        done = run_model(tmp_path, source, config=config, allow=BOTH)
        assert done.result == "else" and len(server.requests) == 1
        said = only_loss(done)["message"]
        assert "facts 'nowhere' in Redis at ${FACTS_AT} cannot be used now" in said
        assert PASSWORD not in said


async def _set_once(config: FactsConfig, wanted: FactRemembered) -> FactRemembered:
    async with opened(config) as store:
        return await store.set(wanted, None)


class TestStore:
    def test_it_is_the_same_as_the_store_of_a_run(self, config: FactsConfig) -> None:
        draw = Random(5)
        keys = ["a", "a/b", "A", "ключ", "%s*[]?\\", '"\n\0', " ", "*", "漢" * 200]
        values = ["", "x", '{"a": [1.5, null]}', "two\nlines", "\0\u2028\u202e", "'\"\\/", "1e999", "x" * 20_000]

        async def both() -> None:
            own = Facts({}, lambda _: None)
            async with opened(config) as store:
                for _ in range(120):
                    wanted = fact(draw.choice(keys), draw.choice(values))
                    expected = draw.choice([None, 0, 1, 2])
                    assert await _told(own, wanted, expected) == await _told(store, wanted, expected)
                for prefix in ("", "a", "*", "%", "\\", "漢"):
                    assert await own.find(prefix=prefix) == await store.find(prefix=prefix)
                for key in (*keys, "none", ""):
                    assert await own.find(key) == await store.find(key)

        anyio.run(both)

    def test_of_fifty_who_expect_one_version_one_sets_it(self, config: FactsConfig) -> None:
        won: list[FactRemembered] = []

        async def one(store: SharedFacts, number: int) -> None:
            try:
                won.append(await store.set(fact("k", str(number)), 0))
            except ToolRefused as refusal:
                assert "has version 1" in str(refusal)

        async def race() -> list[FactRemembered]:
            async with opened(config) as here, opened(config) as there, anyio.create_task_group() as tasks:
                for number in range(50):
                    tasks.start_soon(one, (here, there)[number % 2], number)
            async with opened(config) as store:
                return await store.find("k")

        assert anyio.run(race) == won and len(won) == 1

    def test_the_same_call_made_again_finds_it_done(self, config: FactsConfig) -> None:
        made = fact("k", "v", "the same")
        assert anyio.run(_set_once, config, made) == anyio.run(_set_once, config, made)

    def test_there_are_no_more_than_there_may_be(self, config: FactsConfig, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "MAX_FACTS", 2)
        monkeypatch.setattr(module, "MAX_ALL", 20)

        async def fill() -> None:
            async with opened(config) as store:
                await store.set(fact("a", "1" * 9), None)
                await store.set(fact("b", "漢" * 9), None)
                for wanted in (fact("c", ""), fact("a", "1" * 10)):
                    with pytest.raises(ToolRefused, match="set fewer"):
                        await store.set(wanted, None)
                assert (await store.set(fact("a", "2"), None)).version == 2
                # What somebody has removed by hand does not count for ever.
                await store._connected().hdel(f"weft:facts:{config.name}", "b")
                assert (await store.set(fact("c", "3" * 17), None)).version == 1

        anyio.run(fill)

    def test_a_call_that_is_given_up_leaves_no_answer_to_another(self, config: FactsConfig) -> None:
        async def give_up() -> None:
            async with opened(config) as store:
                await store.set(fact("k", "v"), None)
                for turns in range(12):
                    async with anyio.create_task_group() as tasks:
                        tasks.start_soon(store.find, None, "other")
                        for _ in range(turns):
                            await anyio.lowlevel.checkpoint()
                        tasks.cancel_scope.cancel()
                    assert [one.value for one in await store.find("k")] == ["v"]

        anyio.run(give_up)

    def test_a_server_that_comes_back_is_used_again(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        async def lose() -> None:
            async with opened(FactsConfig(redis="${FACTS_AT}", name="lost")) as store:
                with redis_server(tmp_path) as url:
                    monkeypatch.setenv("FACTS_AT", url)
                    await store.check()
                with pytest.raises(ToolRefused, match="cannot be used now"):
                    await store.set(fact("k", "v"), None)
                with redis_server(tmp_path):
                    assert (await store.set(fact("k", "v"), None)).version == 1

        anyio.run(lose)


async def _told(store: Store, wanted: FactRemembered, expected: int | None) -> FactRemembered | str:
    try:
        return await store.set(wanted, expected)
    except ToolRefused as refusal:
        return str(refusal)


BAD = {
    "says nothing": (b"AUTH", b""),
    "is no Redis": (b"AUTH", b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    "tells the password": (b"AUTH", f"-ERR unknown command 'AUTH', with args: 'me' '{PASSWORD}'\r\n".encode()),
    "says nothing more": (b"EVAL", b""),
    "answers more than there is": (b"EVAL", b"$999999999999\r\n" + b"x" * 100),
    "answers less than nothing": (b"EVAL", b"$-7\r\n"),
    "answers a line without end": (b"EVAL", b"+" + b"x" * 200_000),
    "answers in lists of lists": (b"EVAL", b"*1\r\n" * 5_000),
    "answers a number": (b"EVAL", b":7\r\n"),
    "answers no number": (b"EVAL", b":seven\r\n"),
    "answers bytes": (b"EVAL", b"*2\r\n$3\r\nset\r\n$2\r\n{\xff\r\n"),
    "answers a lie": (b"EVAL", b'*2\r\n$3\r\nset\r\n$12\r\n{"version":1}\r\n'),
    "answers nothing of use": (b"EVAL", b"*0\r\n"),
}


@contextmanager
def bad_server(to: bytes, answer: bytes) -> Iterator[int]:
    """Give one answer to a command, and a plain one to those before it, on a port while the block lasts."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answers() -> None:
            try:
                with listening.accept()[0] as client:
                    while said := client.recv(65_536):
                        client.sendall(answer if to in said else b"+OK\r\n" * len(re.findall(rb"(?m)^\*\d", said)))
            except OSError:
                pass

        thread = threading.Thread(target=answers)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.mark.parametrize(("to", "answer"), BAD.values(), ids=BAD)
def test_a_server_that_is_none_costs_no_more_than_the_call(
    to: bytes, answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.2)

    async def ask() -> None:
        async with opened(FactsConfig(redis="${FACTS_AT}", name="bad")) as store:
            with pytest.raises(ToolRefused, match="cannot be used now") as refused:
                await store.set(fact("k", "v"), None)
            assert PASSWORD not in str(refused.value)

    with bad_server(to, answer) as port:
        monkeypatch.setenv("FACTS_AT", f"redis://me:{PASSWORD}@127.0.0.1:{port}/0")
        anyio.run(ask)


def test_what_is_no_fact_is_told_and_left_alone(config: FactsConfig) -> None:
    async def look() -> None:
        hash_ = f"weft:facts:{config.name}"
        async with opened(config) as store:
            await store.check()
            for odd in ("garbage", "[]", '"text"', "{}", '{"version": "x"}', "7"):
                await store._connected().hset(hash_, "odd", odd)
                for asking in (store.find("odd"), store.find(), store.set(fact("odd", "x"), None)):
                    with pytest.raises(ToolRefused, match="cannot be used now"):
                        await asking
            await store._connected().delete(hash_)
            await store._connected().set(hash_, "of somebody else")
            with pytest.raises(ToolRefused, match="WRONGTYPE"):
                await store.set(fact("k", "x"), None)

    anyio.run(look)


class TestConfiguration:
    @pytest.mark.parametrize(
        ("redis", "said"),
        [
            ("redis://:hush@host", "a password does not stand in a file"),
            ("redis://host?password=hush", "a password does not stand in a file"),
            ("http://host", "begins with redis://"),
        ],
    )
    def test_what_is_no_address_is_refused(self, tmp_path: Path, redis: str, said: str) -> None:
        (tmp_path / "weft.toml").write_text(f'[facts]\nredis = "{redis}"\nname = "x"\n')
        with pytest.raises(UsageError, match=said) as refused:
            read_config(tmp_path)
        assert "hush" not in str(refused.value)

    @pytest.mark.parametrize("url", [None, "redis://:pa/hush@host:6379", "nothing", "redis://host:port"])
    def test_an_address_that_is_not_there_is_told(self, url: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
        if url is not None:
            monkeypatch.setenv("FACTS_AT", url)
        source, _ = shared_tools(FactsConfig(redis="${FACTS_AT}", name="x"))
        with pytest.raises(Unavailable, match="has no FACTS_AT" if url is None else "its address is none") as refused:
            anyio.run(source.tools)
        assert "hush" not in str(refused.value)

    def test_what_is_granted_is_tried_and_nothing_else(self, tmp_path: Path, config: FactsConfig) -> None:
        (tmp_path / "weft.toml").write_text(f'[facts]\nredis = "{config.redis}"\nname = "{config.name}"\n')
        found = {one.name: one for one in anyio.run(tools_here, tmp_path, ("recall",)) if one.source is not None}
        assert found["recall"].acts == "reads" and found["recall"].granted and found["recall"].problem is None
        assert found["remember"].acts is None and not found["remember"].granted
        assert found["remember"].about == f"facts '{config.name}' in Redis at ${{FACTS_AT}}"
