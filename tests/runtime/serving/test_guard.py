"""Who may ask: every route, walked through the table, is closed to whoever is not this machine's own user."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from served import client_of, served

from weft.runtime.serving.app import ROUTES
from weft.runtime.serving.server import Server
from weft.runtime.serving.tickets import LIFE_S, Tickets, kept_key

EVERY = [*((route.method, re.sub(r"\{.*?\}", "x", route.path)) for route in ROUTES), ("GET", "/"), ("GET", "/r/x")]
CHANGES = [(method, path) for method, path in EVERY if method != "GET"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(tmp_path_factory.mktemp("shop")) as server:
        yield server


@pytest.fixture(scope="module")
def nobody(server: Server) -> Iterator[httpx2.Client]:
    """Somebody who knows no token."""
    with httpx2.Client(base_url=server.address.url) as client:
        yield client


@pytest.fixture(scope="module")
def somebody(server: Server) -> Iterator[httpx2.Client]:
    with client_of(server.address.url, server.address.token) as client:
        yield client


def test_there_are_routes_that_change_something() -> None:
    assert len(CHANGES) >= 3


@pytest.mark.parametrize(("method", "path"), EVERY)
def test_a_route_is_closed_to_others(nobody: httpx2.Client, somebody: httpx2.Client, method: str, path: str) -> None:
    host = str(somebody.base_url.netloc, "ascii")
    assert nobody.request(method, path, headers={"Origin": f"http://{host}"}).status_code == 401
    wrong = nobody.request(method, path, headers={"Authorization": "Bearer wrong", "Cookie": "weft=wrong"})
    assert wrong.status_code == 401
    for headers in (
        {"Host": "evil.example"},
        {"Host": host.replace("127.0.0.1", "evil.example")},
        {"Host": "127.0.0.1"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": f"https://{host}"},
        {"Origin": "http://localhost:1"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"},
    ):
        answer = somebody.request(method, path, headers=headers)
        assert answer.status_code == 403, headers
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in answer.headers


def test_all_that_is_answered_has_the_headers_and_only_our_pages_are_html(somebody: httpx2.Client) -> None:
    for method, path in EVERY:
        if path.endswith("stream"):
            continue
        answer = somebody.request(method, path, json={} if method == "POST" else None)
        kind = answer.headers["content-type"]
        ours = "application/json" if path.startswith("/api") else "text/plain" if path == "/metrics" else "text/html"
        assert kind.startswith(ours), path
        assert "script-src 'self';" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"


def test_a_browser_enters_by_the_address_and_goes_on_with_a_strict_cookie(server: Server) -> None:
    address = server.address
    with httpx2.Client(base_url=address.url) as browser:
        assert browser.get("/?token=wrong").status_code == 401
        entered = browser.get("/", params={"token": address.token})
        cookie = entered.headers["set-cookie"]
        assert "HttpOnly" in cookie and "SameSite=strict" in cookie
        assert address.token not in entered.text + cookie and '"refresh"' in entered.text
        assert browser.get("/api/v1/projects").status_code == 200
        own = cookie.partition(";")[0]
        for theirs in ('a={"b": 1}', "weird", 'a="b', "a[]=1", "ü=1", f"{own.partition('=')[0]}=theirs"):
            for both in (f"{theirs}; {own}", f"{own}; {theirs}"):
                headers = {"Cookie": both.encode()}
                assert httpx2.get(f"{address.url}/api/v1/projects", headers=headers).status_code == 200, both
        # Without an origin, which browsers always tell, a cookie alone changes nothing.
        assert browser.post("/api/v1/projects/x/plans", json={}).status_code == 403
        own = browser.post("/api/v1/projects/x/plans", json={}, headers={"Origin": address.url})
        assert own.status_code == 404


PLACE: dict[str, Any] = {"port": 7617, "folders": [Path("/shop"), Path("/barn")], "read_only": False}


def test_a_ticket_holds_at_one_place_after_a_new_start_and_for_a_week(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = kept_key(tmp_path / "user")
    ticket = Tickets(key, **PLACE).give()
    again = Tickets(kept_key(tmp_path / "user"), **PLACE | {"folders": [Path("/barn"), Path("/shop")]})
    assert again.holds(ticket)
    for other in ({"port": 7618}, {"folders": [Path("/shop")]}, {"read_only": True}):
        assert not Tickets(key, **PLACE | other).holds(ticket)
    assert not Tickets(kept_key(tmp_path / "other"), **PLACE).holds(ticket)
    entered, _, signed = ticket.partition(".")
    for wrong in ("", ".", signed, f"{int(entered) + 1}.{signed}", f"{entered}.", f"{entered}.\udcff", f"²{ticket}"):
        assert not again.holds(wrong)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + LIFE_S)
    assert not again.holds(ticket)


def test_a_key_that_others_may_know_is_made_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    key = kept_key(tmp_path)
    kept = tmp_path / "serving.key"
    assert (kept.stat().st_mode & 0o777, kept_key(tmp_path)) == (0o600, key)
    kept.chmod(0o640)
    assert kept_key(tmp_path) != key
    assert kept.stat().st_mode & 0o777 == 0o600
    kept.write_bytes(b"short")
    assert len(kept_key(tmp_path)) == len(key)
    (tmp_path / "file").touch()
    assert len(kept_key(tmp_path / "file")) == len(key)
    assert "cannot be kept" in caplog.text


@pytest.mark.parametrize(
    "path",
    ["/../app.py", "/..%2fapp.py", "/%2e%2e/app.py", "//etc/passwd", "/%2fetc%2fpasswd", "/%00", "/" + "a" * 5_000],
)
def test_pages_are_no_way_to_other_files(somebody: httpx2.Client, path: str) -> None:
    url = httpx2.URL(str(somebody.base_url).rstrip("/") + "/").copy_with(raw_path=path.encode())
    answer = somebody.get(url)
    assert answer.status_code in (200, 400, 404)
    assert "def application" not in answer.text and "root:" not in answer.text


@pytest.mark.parametrize(
    ("headers", "content", "said"),
    [
        ({"Content-Type": "text/plain"}, b"{}", "not said to be JSON"),
        ({"Content-Type": "application/json"}, b"[" * 100_000, "no JSON"),
        ({"Content-Type": "application/json"}, b'{"args": [1e999]}', "no JSON: $.args[0]: inf is not a JSON number"),
        ({"Content-Type": "application/json"}, b'{"args": NaN}', "no JSON: $.args: nan is not a JSON number"),
        ({"Content-Type": "application/json"}, b'{"args": "\\ud800"}', "lone surrogate"),
        ({"Content-Type": "application/json"}, b'{"args":' + b"[" * 500 + b"]" * 500 + b"}", "nested deeper than 64"),
        ({"Content-Type": "application/json"}, b"[]", "no JSON object"),
        ({"Content-Type": "application/json"}, b'"' + b"x" * 1_000_001, "more than 1,000,000 bytes"),
    ],
)
def test_a_body_is_a_json_object_of_bounded_length(
    somebody: httpx2.Client, headers: dict[str, str], content: bytes, said: str
) -> None:
    answer = somebody.post("/api/v1/projects/x/plans", headers=headers, content=content)
    assert (answer.status_code, said in answer.json()["error"]["message"]) == (400, True)


def test_where_runs_are_only_shown_nothing_is_changed(tmp_path: Path) -> None:
    with served(tmp_path, read_only=True) as server, client_of(server.address.url, server.address.token) as client:
        assert client.get("/api/v1/projects").json()["read_only"] is True
        for method, path in CHANGES:
            answer = client.request(method, path, json={"verb": "stop"})
            assert (answer.status_code, "only shows" in answer.json()["error"]["message"]) == (403, True)
        assert client.get("/api/v1/runs").json() == {"runs": [], "next": None}
