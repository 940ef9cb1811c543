"""What is asked under one key is done once."""

from __future__ import annotations

import anyio
import pytest
from starlette.responses import Response

from weft.runtime.serving import once
from weft.runtime.serving.once import Once


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
