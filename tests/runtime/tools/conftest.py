"""What holds the commands of tests, and how their processes are known."""

from __future__ import annotations

import os

import pytest
from contained_commands import WITHOUT_NAMESPACES

from weft.runtime.tools import contained as host


@pytest.fixture(params=["namespaces", "landlock"])
def walls(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Hold commands by one of the two, whatever this system has."""
    if request.param == "landlock":
        monkeypatch.setattr(host, "BOOT", WITHOUT_NAMESPACES)
    return str(request.param)


@pytest.fixture
def nap() -> str:
    """Return a time to sleep by which the processes of this test are known among all others of the machine."""
    return f"90.{int.from_bytes(os.urandom(6))}"
