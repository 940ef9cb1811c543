"""The tool that fetches pages of the web: what is asked for, how much of the answer is taken, and how it is read.

Where an address may lead is `connecting`. Nothing of this machine is sent along: no cookies, no credentials, no proxy.
"""

from __future__ import annotations

import codecs
import re
import zlib
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urljoin

import anyio
import anyio.to_thread
from httpcore2 import AsyncConnectionPool, NetworkError, ProtocolError, Response, TimeoutException

from weft.runtime.granted import Grant
from weft.runtime.tools.addresses import Address, is_address, read_address
from weft.runtime.tools.connecting import Guarded
from weft.runtime.tools.pages import page_text
from weft.runtime.tools.refusing import ToolRefused
from weft.runtime.tools.tool import Calling

__all__ = ["fetch_url"]

SECONDS = 60.0
"""How long it may take altogether."""
SILENCE = 20.0
"""How long a server may say nothing."""
MOST_BYTES = 4 * 1024 * 1024
"""Of an answer, unpacked, that are taken."""
MOST_REDIRECTS = 5

_REDIRECTS = (301, 302, 303, 307, 308)
_HTML = ("text/html", "application/xhtml+xml")
_ENCODINGS = re.compile(r"(utf|iso|cp|koi8|latin|ascii|shift|euc|gb|big5|mac|johab|hz|tis)")
"""How encodings begin that are ones of text; Python knows others by such names, which are none or take long."""

_SENT = [(b"User-Agent", b"weft"), (b"Accept", b"text/html, text/*, */*;q=0.5"), (b"Accept-Encoding", b"gzip")]


class _Got(NamedTuple):
    """What a server has answered."""

    status: int
    headers: dict[str, str]
    body: bytes
    whole: bool
    """Whether that is all of it."""


async def fetch_url(at: Calling, arguments: dict[str, Any]) -> str:
    """Fetch a page, and return what it says as text."""
    address = read_address(arguments["url"])
    try:
        with anyio.fail_after(SECONDS):
            async with AsyncConnectionPool(network_backend=Guarded(at.grants), max_connections=1) as pool:
                address, got = await _followed(pool, address, at)
    except TimeoutError:
        raise ToolRefused(f"{address.text} took more than {SECONDS:g} s") from None
    except (NetworkError, ProtocolError, TimeoutException, OSError) as error:
        raise ToolRefused(f"{address.text} cannot be fetched: {str(error) or type(error).__name__}") from None
    at.touched[address.text] = None
    return await anyio.to_thread.run_sync(partial(_told, address, got), abandon_on_cancel=True)


async def _followed(pool: AsyncConnectionPool, address: Address, at: Calling) -> tuple[Address, _Got]:
    """Fetch an address, and where that leads on, what it leads to, if that is granted too."""
    for _ in range(MOST_REDIRECTS + 1):
        got = await _got(pool, address)
        target = got.headers.get("location")
        if got.status not in _REDIRECTS or not target:
            return address, got
        try:
            onward = read_address(urljoin(address.text, target.partition("#")[0]))
        except ValueError:
            raise ToolRefused(f"{address.text} leads on to what is no address") from None
        if not _granted(at.grants, onward):
            raise ToolRefused(f"{address.text} leads on to {onward.text}, which is not allowed here")
        address = onward
    raise ToolRefused(f"{address.text}: it led on more than {MOST_REDIRECTS} times")


def _granted(grants: tuple[Grant, ...], address: Address) -> bool:
    return any(grant.covers("fetch_url", address.text, is_address) for grant in grants)


async def _got(pool: AsyncConnectionPool, address: Address) -> _Got:
    """Ask for one address, and take as much of the answer as is taken of any."""
    seconds = dict.fromkeys(("connect", "read", "write", "pool"), SILENCE)
    asked = pool.stream("GET", address.text, headers=_SENT, extensions={"timeout": seconds})
    async with asked as response:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        if response.status in _REDIRECTS:
            return _Got(response.status, headers, b"", True)
        body, whole = await _body(response, headers.get("content-encoding", "identity").strip().lower())
        return _Got(response.status, headers, body, whole)


async def _body(response: Response, packing: str) -> tuple[bytes, bool]:
    """Return the body, unpacked, as far as it is taken, and whether that is all."""
    if packing not in ("identity", "", "gzip", "x-gzip", "deflate"):
        raise ToolRefused(f"the server answers packed as {packing[:40]!r}, which cannot be read")
    packed = packing not in ("identity", "")
    unpacking, body = zlib.decompressobj(wbits=47), bytearray()
    async for chunk in response.aiter_stream():
        room = MOST_BYTES + 1 - len(body)
        try:
            body += unpacking.decompress(chunk, room) if packed else chunk[:room]
        except zlib.error as error:
            raise ToolRefused(f"the answer cannot be unpacked: {error}") from None
        if len(body) > MOST_BYTES:
            return bytes(body[:MOST_BYTES]), False
    return bytes(body), True


# ------------------------------------------------------------------------------------------------ reading it


def _told(address: Address, got: _Got) -> str:
    """Return what the agent is told of an answer.

    Raises:
        ToolRefused: it is no text.
    """
    kind = got.headers.get("content-type", "").partition(";")[0].strip().lower()
    size = f"{len(got.body):,} bytes" if got.whole else f"more than {MOST_BYTES:,} bytes, of which these are the first"
    head = f"{address.text}: status {got.status}, {kind[:80] or 'of no kind that was said'}, {size}"
    text = _text(got)
    if "\0" in text or text.count("\N{REPLACEMENT CHARACTER}") * 10 > len(text):
        raise ToolRefused(f"{head}; that is no text, so it cannot be read here")
    html = kind in _HTML or (not kind and text.lstrip()[:15].lower().startswith(("<!doctype html", "<html")))
    return f"{head}\n{(page_text(text, address.text) if html else text) or '(it is empty)'}"


def _text(got: _Got) -> str:
    """Return the body as text, in the encoding that it names, or else UTF-8."""
    said = re.search(r"charset=[\"']?([\w.:-]{1,40})", got.headers.get("content-type", ""), re.IGNORECASE)
    named = said[1] if said else None
    if named is None:
        meta = re.search(rb"<meta[^>]{0,200}?charset=[\"']?([\w.:-]{1,40})", got.body[:4096], re.IGNORECASE)
        named = meta[1].decode("ascii", "replace") if meta else "utf-8"
    try:
        encoding = codecs.lookup(named).name
    except (LookupError, ValueError):
        encoding = "utf-8"
    known = encoding if _ENCODINGS.match(encoding) and encoding != "utf-7" else "utf-8"
    return got.body.decode("utf-8-sig" if known == "utf-8" else known, "replace")
