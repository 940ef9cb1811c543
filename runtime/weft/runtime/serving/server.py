"""The server from start to end: its socket, which this machine alone reaches, the token, and the end by Ctrl-C."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from sse_starlette.sse import AppStatus

from weft.runtime.errors import UsageError
from weft.runtime.project.folders import Project
from weft.runtime.serving.app import application
from weft.runtime.serving.asked import Service
from weft.runtime.serving.feeds import Feeds
from weft.runtime.serving.plans import Plans
from weft.runtime.serving.projects import Served
from weft.runtime.serving.summaries import Summaries
from weft.runtime.serving.tickets import kept_key

__all__ = ["Address", "Server", "server_for"]

HOST = "127.0.0.1"
GRACE_S = 1
"""How long whoever is being answered at the end may take for it; those who look on are let go at once."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server listens, and what opens it."""

    url: str
    token: str

    @property
    def opening(self) -> str:
        """Return what a browser is to open."""
        return f"{self.url}/?token={self.token}"


class Server(uvicorn.Server):
    """A server that at its end lets those go at once who look on."""

    def __init__(self, service: Service, listening: socket.socket, address: Address, key: bytes) -> None:
        AppStatus.enable_automatic_graceful_drain = (
            False  # it would look twice a second whether streams are to be cut off
        )
        app = application(service, port=listening.getsockname()[1], token=address.token, key=key)
        super().__init__(
            uvicorn.Config(
                app,
                ws="none",
                log_config=None,
                log_level="error",  # anybody can send what is no request, and to whom it was sent it says nothing
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=GRACE_S,
            )
        )
        self.address = address
        self._service = service
        self._socket = listening

    def serve_until_told(self) -> None:
        """Serve until Ctrl-C, or until another thread sets `should_exit`."""
        self.run(sockets=[self._socket])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let everybody go."""
        self._service.feeds.close()
        asyncio.get_running_loop().call_later(GRACE_S, self._hang_up)
        await super().shutdown(sockets)

    def _hang_up(self) -> None:
        """End the connections of those who do not take what they asked for."""
        for connection in self.server_state.connections:
            if connection.transport is not None:
                connection.transport.abort()


def server_for(
    projects: Mapping[str, Served], port: int, *, read_only: bool = False, user: Path | None = None
) -> Server:
    """Return a server of some projects that listens on a port of this machine; on any that is free for 0.

    Who connects before it serves is waited for. `user` is the folder in which the key of cookies is kept; `~/.weft`
    without it.

    Raises:
        UsageError: the port cannot be had.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen()
    except OSError as error:
        listening.close()
        raise UsageError(
            f"port {port} cannot be had: {error.strerror}",
            where=f"{HOST}:{port}",
            meaning="nothing is served; perhaps another weft serve is there already",
            fix="--port 0 takes any port that is free",
        ) from None
    feeds = Feeds()
    service = Service(projects, feeds, Summaries(feeds), Plans(), read_only=read_only)
    address = Address(f"http://{HOST}:{listening.getsockname()[1]}", secrets.token_urlsafe(32))
    return Server(service, listening, address, kept_key(user or Project.of_user().root))
