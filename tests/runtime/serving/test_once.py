"""What is asked under one key is done once, and of what starts processes not all at once."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import anyio
import httpx2
import pytest
from served import client_of, served
from starlette.responses import Response
from waiting import until

from weft.runtime.serving import once
from weft.runtime.serving.once import Once
from weft.runtime.serving.plans import MOST_WRITTEN


def test_what_is_still_being_done_is_not_done_again_however_much_else_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(once, "MOST_KEPT", 2)
    begun: list[str] = []

    async def go() -> None:
        kept, may_end = Once(), anyio.Event()

        async def work(key: str) -> Response:
            begun.append(key)
            if key == "slow":
                await may_end.wait()
            return Response(key)

        async def ask(key: str) -> None:
            assert (await kept.answer(key, key, lambda: work(key))).body == key.encode()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask, "slow")
            await anyio.wait_all_tasks_blocked()
            for key in "abcda":
                await ask(key)
            tasks.start_soon(ask, "slow")
            await anyio.wait_all_tasks_blocked()
            may_end.set()

    anyio.run(go)
    assert begun == ["slow", "a", "b", "c", "d", "a"]


def test_of_many_plans_that_are_asked_for_at_once_only_some_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes = tmp_path / "writes"
    writes.write_text("#!/bin/sh\nexec sleep 600\n")
    writes.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(writes))
    with (
        served(tmp_path) as server,
        client_of(server.address.url, server.address.token) as client,
        ThreadPoolExecutor(12) as many,
    ):

        def ask(_: int) -> httpx2.Response:
            return client.post(f"/api/v1/projects/{tmp_path.name}/plans", json={"task": "Look around"})

        answers = [answer.status_code for answer in many.map(ask, range(12))]
        server._service.plans.close()
        until(lambda: not server._service.plans._tasks)
    assert sorted(answers) == [200] * MOST_WRITTEN + [409] * (12 - MOST_WRITTEN)
