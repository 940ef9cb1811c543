"""Processes of Weft's own that watch programs and commands: from where they are started, how they are let go of.

What they do is `weft.sandbox.attended` and `weft.sandbox.contained`.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path

__all__ = ["let_go", "sandbox_roots"]


async def let_go(process: asyncio.subprocess.Process, seconds: float) -> None:
    """Say that nobody wants it, and wait until it is gone, also where that is not waited for any more.

    Args:
        process: Whoever watches; it ends all that it has started when its input ends.
        seconds: How long that may take before it is killed.
    """
    assert process.stdin is not None
    process.stdin.close()

    async def gone() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await process.wait()
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    going = asyncio.ensure_future(gone())
    try:
        await asyncio.shield(going)
    except asyncio.CancelledError:
        await going
        raise


@cache
def sandbox_roots() -> tuple[str, ...]:
    """Return the folders from which the package of the sandbox can be imported."""
    spec = find_spec("weft.sandbox")
    assert spec is not None and spec.submodule_search_locations is not None
    return tuple(str(Path(location).parents[1]) for location in spec.submodule_search_locations)
