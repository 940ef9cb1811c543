"""Who may ask, on every route: this machine alone, in its own name, with the token; and headers that every answer has.

A page of somebody else that a browser on this machine shows can send requests here. It is kept out by each of these by
itself: by the host, if it has made a name of its own mean this machine (DNS rebinding); by the origin and by what the
browser says of whence a request comes; and by the token, which no such page knows, in a cookie that a browser sends to
no page's request but our own.
"""

from __future__ import annotations

from collections.abc import Iterator
from secrets import compare_digest

from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from weft.runtime.serving.replies import json_reply
from weft.runtime.serving.tickets import Tickets

__all__ = ["Guard"]

READS = ("GET", "HEAD")

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

ENTRY = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Weft</title>'
    '<meta http-equiv="refresh" content="0; url=./"><a href="./">Weft</a>'
)
"""The page that takes the token out of the address. A redirect would not do: of one that follows a link from elsewhere
a browser keeps the cookie back."""


class Guard:
    """Lets through what may be asked; the application behind it need not look any more."""

    def __init__(self, app: ASGIApp, *, port: int, token: str, tickets: Tickets, read_only: bool) -> None:
        self._app = app
        self._token = token
        self._tickets = tickets
        self._read_only = read_only
        self._cookie = f"weft_{port}"  # cookies do not tell ports apart
        self._hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let it through."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # nothing here speaks anything else: the server says so

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        answer = self._answer(scope)
        await (self._app if answer is None else answer)(scope, receive, with_headers)

    def _answer(self, scope: Scope) -> Response | None:
        """Return the answer to a request that is not let through."""
        headers, request = Headers(scope=scope), Request(scope)
        refused = self._foreign(scope, headers)
        if refused is not None:
            return _refusal(request, 403, refused)
        if self._is_entry(scope):
            answer = Response(ENTRY, media_type="text/html")
            answer.set_cookie(self._cookie, self._tickets.give(), httponly=True, samesite="strict", path="/")
            return answer
        if not self._may_enter(headers):
            fix = "open the address that weft serve has printed, or send Authorization: Bearer TOKEN"
            return _refusal(request, 401, "this needs the token of the server", fix)
        if self._read_only and scope["method"] not in READS:
            return _refusal(request, 403, "the server only shows runs", "weft serve without --read-only steers them")
        return None

    def _foreign(self, scope: Scope, headers: Headers) -> str | None:
        """Return why a request does not come from this machine in its own name, if it does not."""
        if headers.getlist("host") not in [[host] for host in self._hosts]:
            return "the host is another one than this server's"
        origin = headers.get("origin")
        if origin is not None and origin.removeprefix("http://") not in self._hosts:
            return "the request comes from another origin"
        read = scope["method"] in READS
        opens = read and headers.get("sec-fetch-mode") == "navigate"
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin") and not opens:
            return "the request comes from another site"
        if not read and origin is None and "authorization" not in headers:
            return "the request does not say from which origin it comes"  # as browsers always do
        return None

    def _is_entry(self, scope: Scope) -> bool:
        """Whether this is a page that is opened with the token in its address."""
        told = QueryParams(scope["query_string"]).get("token")
        return scope["method"] == "GET" and scope["path"] == "/" and told is not None and self._is_token(told)

    def _may_enter(self, headers: Headers) -> bool:
        kind, _, told = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return self._is_token(told.strip())
        return any(map(self._tickets.holds, _cookies(headers, self._cookie)))

    def _is_token(self, told: str) -> bool:
        return compare_digest(told.encode("utf-8", "replace"), self._token.encode())


def _cookies(headers: Headers, wanted: str) -> Iterator[str]:
    """Yield whatever goes by that name. All servers of this machine share the cookies; theirs may be of any form."""
    for header in headers.getlist("cookie"):
        for cookie in header.split(";"):
            name, _, value = cookie.strip().partition("=")
            if name == wanted:
                yield value


def _refusal(request: Request, status: int, what: str, fix: str | None = None) -> Response:
    told = {"type": "Refused", "message": what, "where": None, "meaning": "nothing was done", "fix": fix}
    return json_reply(request, {"error": told}, status)
