"""What an error of a provider says to a person, whatever stood between the provider and us."""

from __future__ import annotations

import pytest
from pydantic_ai.exceptions import ModelConnectionError, ModelHTTPError

from weft.runtime.agents.responses import explained


def said(error: ModelHTTPError | ModelConnectionError, address: str | None = "https://api.example.org/v1") -> str:
    return explained(error, address).message  # type: ignore[no-any-return,unused-ignore]


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({"error": {"message": "no such thing"}}, "m: status 502: no such thing"),
        ({"message": "flat"}, "m: status 502: flat"),
        ("plain\n words", "m: status 502: plain words"),
        ("<html><body>nginx</body></html>", "m: status 502: Bad Gateway"),
        (None, "m: status 502: Bad Gateway"),
        ({}, "m: status 502: Bad Gateway"),
        ({"error": "odd"}, "m: status 502: Bad Gateway"),
    ],
)
def test_an_error_says_what_its_body_says_else_what_its_status_means(body: object, shown: str) -> None:
    assert said(ModelHTTPError(502, "m", body)) == shown


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://user:password@api.example.org:8443/v1", "api.example.org:8443"),
        ("https://api.example.org", "api.example.org"),
        ("nonsense", "the provider"),
        (None, "the provider"),
    ],
)
def test_who_cannot_be_reached_is_named_without_what_is_secret(address: str | None, host: str) -> None:
    unreached = ModelConnectionError("m", "Connection error.", phase="connect")
    unreached.__cause__ = OSError(-2, "Name or service not known")
    assert said(unreached, address) == f"{host} cannot be reached: Name or service not known"


def test_causes_that_lead_in_a_circle_come_to_an_end() -> None:
    error, group = ModelConnectionError("m", "Connection error.", phase="connect"), None
    group = ExceptionGroup("all", [error])
    error.__cause__ = group
    assert "Connection error." in said(error)
