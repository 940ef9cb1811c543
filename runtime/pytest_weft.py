"""The plugin of pytest: `weft_replay`, with which a test executes a harness over what a run has recorded, for nothing.

Nothing of weft is imported before a test uses it. What a recorded run is, `weft.runtime.integrations.recorded` says. It
stands beside `weft`, for pytest rewrites the assertions of whatever a distribution with a plugin has at its top; where
that is a package without `__init__.py` alone, as `weft` is, it takes the modules in there for that, `__main__` too.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

if TYPE_CHECKING:
    from weft.runtime.execution.replay import Replayed
    from weft.runtime.integrations.recorded import Recorded
    from weft.runtime.keeping.playing import Played

__all__ = ["Replaying", "weft_replay"]

Name = str | os.PathLike[str]
Result = TypeVar("Result")


class Replaying:
    """Executes harnesses over recorded runs; paths begin at the root folder of pytest."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def __call__(self, recorded: Name, harness: Name | None = None, *, run: str | None = None) -> Replayed:
        """Check that a harness makes the recorded calls, and no others, and comes to the recorded end.

        Args:
            recorded: The folder of a run, or a file that `weft export` has written.
            harness: The file of a harness; the recorded one without it.
            run: Which run of an exported file; it can be left out where there is one.

        Returns:
            How many calls there were, the result, and whether the record came to its end.
        """
        __tracebackhide__ = True
        return _done(lambda: self._read(recorded, run).replayed(self._path(harness)))

    def over(self, recorded: Name, harness: Name | None = None, *, run: str | None = None) -> Played:
        """Execute a harness over recorded answers, whatever it comes to; the arguments are as above.

        Returns:
            `result`, `problem`, what was `missing` among the answers, and whether all is as recorded (`passed`).
        """
        __tracebackhide__ = True
        return _done(lambda: self._read(recorded, run).played(self._path(harness)))

    def _read(self, recorded: Name, run: str | None) -> Recorded:
        from weft.runtime.integrations.recorded import read_recorded

        return read_recorded(self._root / recorded, run)

    def _path(self, harness: Name | None) -> Path | None:
        return None if harness is None else self._root / harness


@pytest.fixture
def weft_replay(pytestconfig: pytest.Config) -> Replaying:
    """Execute a harness over what a run has recorded: no model, no tools, no spend."""
    return Replaying(pytestconfig.rootpath)


def _done(work: Callable[[], Awaitable[Result]]) -> Result:
    """Return what work comes to; where that is an error of weft, the test fails with all that it says."""
    __tracebackhide__ = True
    import anyio

    from weft.primitives.errors import WeftError

    async def worked() -> Result:
        return await work()

    try:
        return anyio.run(worked)
    except WeftError as error:
        parts = (error.what, error.where, error.meaning, error.fix)
        raise pytest.fail.Exception("\n".join(part for part in parts if part)) from None
