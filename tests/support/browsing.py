"""A real browser that looks at the dashboard; whatever it complains of fails the test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, Protocol

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from weft.runtime.serving.server import Address

__all__ = ["WIDE", "accessible", "browser", "looking", "opening"]

WIDE = (1280, 800)
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
MOST_MS = 20_000
"""How long what is to be seen is waited for."""


@contextmanager
def browser() -> Iterator[Browser]:
    """Start Chromium: the one of the system, or else that of Playwright, which says how it is installed."""
    expect.set_options(timeout=MOST_MS)
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        try:
            yield found
        finally:
            found.close()


class Serves(Protocol):
    """What serves the pages."""

    @property
    def address(self) -> Address:
        """Return where."""
        ...


@contextmanager
def looking(
    browser: Browser,
    server: Serves,
    *,
    size: tuple[int, int] = WIDE,
    away: bool = False,
    refused: int = 0,
    **how: Any,
) -> Iterator[Page]:
    """Give a page that has been opened with the token of the server, and check in the end that nothing went wrong.

    `away` is whether the server may be away meanwhile, `refused` how many requests it is to refuse: a browser complains
    of both.
    """
    with _checked(browser, size, away, refused, how) as page:
        page.goto(server.address.opening)
        page.get_by_role("heading", name="Runs").wait_for()
        yield page


@contextmanager
def opening(browser: Browser, path: Path, *, size: tuple[int, int] = WIDE) -> Iterator[Page]:
    """Give a page that has been opened from a file, and check in the end that nothing went wrong or was asked for."""
    asked: list[str] = []
    with _checked(browser, size, False, 0, {}) as page:
        page.on("request", lambda request: asked.append(request.url.partition("#")[0]))
        page.goto(path.as_uri())
        yield page
    assert {*asked} == {path.as_uri()}


@contextmanager
def _checked(
    browser: Browser, size: tuple[int, int], away: bool, refused: int, how: Mapping[str, Any]
) -> Iterator[Page]:
    wrong: list[str] = []
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **how)
    page = context.new_page()
    page.set_default_timeout(MOST_MS)
    page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: wrong.append(dialog.message) or dialog.dismiss())
    try:
        yield page
    finally:
        context.close()
    told = [one for one in wrong if not (away and "ERR_" in one)]
    complaints = [said for said in told if "status of 4" in said]
    assert (len(complaints), len(told)) == (refused, refused), told


def accessible(page: Page, *themes: Theme) -> None:
    """Check that everybody can use what is shown: in both themes, unless some are named."""
    for theme in themes or THEMES:
        page.emulate_media(color_scheme=theme)
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
        assert found.violations_count == 0, (page.url, theme, found.generate_report())
