"""What a request asks for: the project, the run and the agent in its path, amounts and words, and its body."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request

from weft.primitives.data import as_json
from weft.primitives.errors import NotJson
from weft.runtime.errors import NotFound, UsageError
from weft.runtime.project.folders import Project, RunFolder
from weft.runtime.serving.feeds import Feed, Feeds
from weft.runtime.serving.once import Once
from weft.runtime.serving.plans import Plans
from weft.runtime.serving.projects import Served
from weft.runtime.serving.summaries import Summaries

__all__ = ["MOST_BYTES", "Asked", "Service", "body_of"]

MOST_BYTES = 1_000_000
"""How long the body of a request may be."""
MOST_DIGITS = 15

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Service:
    """What is served, and what is known of it."""

    projects: Mapping[str, Served]
    feeds: Feeds
    summaries: Summaries
    plans: Plans
    once: Once = field(default_factory=Once)
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    service: Service
    path: Mapping[str, str]
    query: QueryParams
    headers: Headers
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def served(self) -> Served:
        """Return the project that the path names.

        Raises:
            NotFound: it is not served.
        """
        name = self.path["project"]
        if name not in self.service.projects:
            raise NotFound(f"no project {name!r} is served", fix="GET /api/v1/projects lists those that are")
        return self.service.projects[name]

    @property
    def project(self) -> Project:
        """Return the same project as its folder."""
        return self.served.project

    @property
    def run(self) -> RunFolder:
        """Return the run that the path names.

        Raises:
            NotFound: the project has no such run.
        """
        return self.served.run(self.path["run"])

    @property
    def feed(self) -> Feed:
        """Return what is known of that run.

        Raises:
            NotFound: the project has no such run.
        """
        return self.service.feeds.of(self.run)

    def text(self, name: str, default: str = "") -> str:
        """Return a parameter."""
        return self.query.get(name, default)

    def amount(self, name: str, default: int, most: int) -> int:
        """Return a parameter that is a whole number; more than `most` means that much.

        Raises:
            UsageError: it is none.
        """
        text = self.query.get(name, str(default))
        if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
            raise UsageError(f"{name}={text} is no whole number from 0 on", fix=f"{name}={default}")
        return min(int(text), most)

    def page(self, items: Sequence[Item], most: int) -> tuple[Sequence[Item], int | None]:
        """Return the items from `after` on, as many as `limit` says, and where the next page begins, if any."""
        after, limit = self.amount("after", 0, len(items)), max(1, self.amount("limit", most, most))
        end = after + limit
        return items[after:end], end if end < len(items) else None


async def body_of(request: Request) -> dict[str, Any]:
    """Return the body of a request, which is a JSON object of bounded length and depth.

    Raises:
        UsageError: it is something else.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise UsageError("the body is not said to be JSON", fix="send it with Content-Type: application/json")
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > MOST_BYTES:
            raise UsageError(f"the body has more than {MOST_BYTES:,} bytes", fix="send less at once")
    try:
        data = as_json(json.loads(received or b"{}"))  # infinity, or half a character, no answer could tell again
    except (ValueError, RecursionError, NotJson) as error:
        raise UsageError(f"the body is no JSON: {error}", fix="send one JSON object") from None
    if not isinstance(data, dict):
        raise UsageError("the body is no JSON object", fix="send one JSON object")
    return data
