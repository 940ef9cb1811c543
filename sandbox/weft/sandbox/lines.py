"""Which line of the harness something happened at: in a frame, in a coroutine that waits, on the way of an error."""

from __future__ import annotations

from collections.abc import Iterator
from types import CoroutineType, FrameType

__all__ = ["Lines"]


class Lines:
    """Knows the code of the harness, and of the saved ones it runs, by their file names."""

    def __init__(self, filename: str) -> None:
        self._own = filename
        self._filenames = {filename}

    def add(self, filename: str) -> None:
        """Know a saved harness too."""
        self._filenames.add(filename)

    def of_frame(self, frame: FrameType | None) -> int | None:
        """Return the innermost line among the frames below `frame`."""
        while frame is not None:
            if frame.f_code.co_filename in self._filenames:
                return frame.f_lineno
            frame = frame.f_back
        return None

    def of_waiting(self, awaited: object) -> int | None:
        """Return the innermost line at which a coroutine waits.

        For those that wait only: CPython 3.11 crashes when `cr_await` is read of a coroutine that runs.
        """
        line = None
        while isinstance(awaited, CoroutineType):
            frame = awaited.cr_frame
            if frame is not None and frame.f_code.co_filename in self._filenames:
                line = frame.f_lineno
            awaited = awaited.cr_await
        return line

    def of_error(self, error: BaseException) -> int | None:
        """Return the innermost line of the harness itself, not of a saved one, that an error passed through."""
        return next((line for _, line, own in reversed(list(self._steps(error))) if own), None)

    def trace(self, error: BaseException) -> list[str]:
        """Return the way of an error through the harness and the saved ones it runs, outermost first."""
        return [f"{name}, line {line}" for name, line, _ in self._steps(error)]

    def _steps(self, error: BaseException) -> Iterator[tuple[str, int, bool]]:
        traceback = error.__traceback__
        while traceback is not None:
            code = traceback.tb_frame.f_code
            if code.co_filename == self._own:
                yield code.co_name, traceback.tb_lineno, True
            elif code.co_filename in self._filenames:
                yield f"{code.co_name} of {code.co_filename}", traceback.tb_lineno, False
            traceback = traceback.tb_next
