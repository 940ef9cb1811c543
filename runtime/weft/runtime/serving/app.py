"""The application: the table of its routes, and how each is answered.

What is only read is a plain function, which is called in a worker thread: no journal is read on the event loop.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

from anyio.to_thread import run_sync
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route as Mounted
from starlette.types import ASGIApp

from weft.primitives.errors import WeftError
from weft.runtime.errors import NotFound, RuntimeFailure
from weft.runtime.serving import changing, reading, studying
from weft.runtime.serving.asked import Asked, Service, body_of
from weft.runtime.serving.guard import Guard
from weft.runtime.serving.metrics import metrics
from weft.runtime.serving.replies import compressed, failed, json_lines, json_reply, text_reply
from weft.runtime.serving.streaming import list_stream, stream
from weft.runtime.serving.tickets import Tickets
from weft.runtime.serving.told import LISTED

__all__ = ["ROUTES", "Route", "application"]

STATIC = Path(__file__).parent / "static"
"""The pages, as they were built."""
API = "/api/v1"
PROJECT = f"{API}/projects/{{project}}"
RUN = f"{PROJECT}/runs/{{run}}"
PLAN = f"{PROJECT}/plans/{{plan}}"

Answering = Callable[[Asked], Any]
"""What answers: a plain function, or one to be awaited."""


@dataclass(frozen=True, slots=True)
class Route:
    """One route; what it takes and gives is said by its function."""

    method: str
    path: str
    answer: Answering
    about: str = ""
    """What it gives, where the function does not say."""
    around: Callable[[Asked, WeftError], Mapping[str, Any]] = lambda asked, error: {}
    """What is told besides an error."""

    @property
    def text(self) -> str:
        """Return what it takes and gives, in words."""
        return self.about or self.answer.__doc__ or ""


def _lists() -> Iterator[Route]:
    abouts = {
        "host_calls": "List calls of tools by the harness, and questions to people with their answers.",
        "logs": "List what the harness said.",
        "findings": "List what the harness reported as found.",
        "facts": "List what agents have told each other.",
        "steered": "List what people have told the run.",
        "lost": "List what was lost: agents, calls and branches, why, and what it means for the result.",
    }
    for name, about in abouts.items():
        paged = f"{about}\n\nParameters: `limit` (200) and `after`. Gives `{name}`, `total`, and `next`."
        yield Route("GET", f"{RUN}/{name}", reading.parts(name, LISTED[name]), paged)


ROUTES = (
    Route("GET", f"{API}/projects", reading.projects),
    Route("GET", f"{API}/runs", reading.runs),
    Route("GET", f"{API}/runs/stream", list_stream),
    Route("GET", f"{API}/questions", reading.questions),
    Route("GET", f"{API}/unstarted", reading.unstarted),
    Route("GET", RUN, reading.snapshot),
    Route("GET", f"{RUN}/stream", stream),
    Route("GET", f"{RUN}/events", reading.events),
    Route("GET", f"{RUN}/result", reading.result),
    Route("GET", f"{RUN}/agents", reading.agents),
    Route("GET", f"{RUN}/agents/{{agent:path}}/transcript", reading.transcript),
    Route("GET", f"{RUN}/agents/{{agent:path}}/prompt", reading.prompt),
    Route("GET", f"{RUN}/agents/{{agent:path}}/why", studying.why),
    Route("GET", f"{RUN}/agents/{{agent:path}}", reading.agent),
    Route("GET", f"{RUN}/cost", studying.cost),
    Route("GET", f"{RUN}/analysis", studying.analysis),
    Route("GET", f"{RUN}/script", reading.script),
    Route("GET", f"{RUN}/search", studying.search),
    *_lists(),
    Route("POST", f"{RUN}/control", changing.control, around=changing.not_controlled),
    Route("GET", f"{PROJECT}/diff", studying.diff),
    Route("GET", f"{PROJECT}/library", reading.library),
    Route("GET", f"{PROJECT}/library/{{name}}", reading.saved),
    Route("GET", f"{PROJECT}/plans", changing.plans),
    Route("POST", f"{PROJECT}/plans", changing.make),
    Route("GET", PLAN, changing.plan),
    Route("POST", f"{PLAN}/approve", changing.approve),
    Route("POST", f"{PLAN}/cancel", changing.cancel),
    Route("POST", f"{PLAN}/save", changing.save),
    Route("GET", "/metrics", metrics),
)
"""All routes of the API, in the order in which they are documented."""


# ------------------------------------------------------------------------------------------------ answering


def application(service: Service, *, port: int, token: str, key: bytes) -> ASGIApp:
    """Return the application, for one port of this machine; `key` is what cookies are signed with."""

    @asynccontextmanager
    async def going(app: Starlette) -> AsyncIterator[None]:
        async with service.feeds.open():
            yield
        service.plans.close()

    routes = [Mounted(route.path, _endpoint(route, service), methods=[route.method]) for route in ROUTES]
    pages = Mounted("/{path:path}", _page, methods=["GET"])
    handlers = {WeftError: _error, HTTPException: _error, Exception: _error}
    app = Starlette(routes=[*routes, pages], lifespan=going, exception_handlers=handlers)
    folders = [served.folder for served in service.projects.values()]
    tickets = Tickets(key, port=port, folders=folders, read_only=service.read_only)
    return Guard(app, port=port, token=token, tickets=tickets, read_only=service.read_only)


def _endpoint(route: Route, service: Service) -> Callable[[Request], Awaitable[Response]]:
    async def answered(request: Request) -> Response:
        asked = Asked(service, request.path_params, request.query_params, request.headers)
        if route.method == "POST":
            return await _done(request, route, replace(asked, body=await body_of(request)))
        if iscoroutinefunction(route.answer):
            data = await route.answer(asked)
            return data if isinstance(data, Response) else await run_sync(json_reply, request, data)
        return await run_sync(partial(_read, request, route.answer, asked), abandon_on_cancel=True)

    return answered


async def _done(request: Request, route: Route, asked: Asked) -> Response:
    """Do what is asked; under an `Idempotency-Key` once."""

    async def work() -> Response:
        try:
            return await run_sync(json_reply, request, await route.answer(asked))
        except WeftError as error:
            return failed(request, error, around=route.around(asked, error))

    key = request.headers.get("idempotency-key")
    digest = hashlib.sha256(json.dumps(asked.body, sort_keys=True).encode()).digest()  # a body may be large
    return await asked.service.once.answer(key, (request.url.path, digest), work)


def _read(request: Request, answer: Answering, asked: Asked) -> Response:
    data = answer(asked)
    if isinstance(data, str):
        return text_reply(request, data)
    if isinstance(data, bytes):
        return compressed(request, data)
    return json_lines(request, data) if isinstance(data, Iterator) else json_reply(request, data)


async def _error(request: Request, error: Exception) -> Response:
    match error:
        case WeftError():
            return failed(request, error)
        case HTTPException():
            told = NotFound(
                f"{request.method} {request.url.path}: {error.detail}", fix="the documentation lists the routes"
            )
            return failed(request, told, error.status_code)
    what = f"{type(error).__name__}: {error}"
    return failed(request, RuntimeFailure(what, meaning="this is a mistake in Weft", fix="report it, please"))


async def _page(request: Request) -> Response:
    """Give a file of the pages; where there is none, the first page, which knows what its address means."""
    path: str = request.path_params["path"]
    if path.startswith("api/"):
        raise NotFound(f"there is no route /{path}", fix="the documentation lists the routes")
    return await run_sync(_file, path)


def _file(path: str) -> Response:
    return FileResponse(STATIC / (path if path in _files() else "index.html"))


@cache
def _files() -> frozenset[str]:
    """Return the files of the pages. No other is opened, whatever is asked for."""
    return frozenset(str(path.relative_to(STATIC)) for path in STATIC.rglob("*") if path.is_file())
