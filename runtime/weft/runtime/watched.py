"""Processes of Weft's own that watch programs and commands: from where all is started, how they are let go of.

What they do is `weft.sandbox.attended` and `weft.sandbox.contained`.
"""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path

__all__ = ["executed_below", "let_go", "sandbox_roots"]


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


def executed_below(root: Path) -> list[str]:
    """Return the folders below one from which this process takes its code, and programs by their names.

    Who writes there is not contained: it is executed at the next step, and by the person.
    """
    named = [sys.prefix, *sandbox_roots(), str(Path(__file__).parents[2])]
    named += filter(None, os.environ.get("PATH", os.defpath).split(os.pathsep))
    places = dict.fromkeys(place for folder in named for place in (os.path.abspath(folder), os.path.realpath(folder)))
    return [place for place in places if place.startswith(f"{root}/")]
