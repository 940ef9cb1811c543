"""Waiting for what comes by itself, at once if all is well, and late on a busy machine."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

__all__ = ["lives", "until"]


def until(true: Callable[[], bool]) -> None:
    """Wait until that is so; a minute at most."""
    for _ in range(3000):
        if true():
            return
        time.sleep(0.02)
    pytest.fail("it never came to that")


def lives(process: int) -> bool:
    """Tell whether a process is there, and is more than its exit status."""
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
