"""A page of the web as text: what a person would read of it, with its headings, lists and links.

It goes through the page once, from its beginning to its end, whatever somebody may have written into it.
"""

from __future__ import annotations

import html
import re
import string
from urllib.parse import urljoin

__all__ = ["page_text"]

_NAME = re.compile(r"/?[a-zA-Z][a-zA-Z0-9:-]*")
_HREF = re.compile(r"""\b(?:href|alt)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)

_SMALL = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
"""Of a few other letters there are more when they are small, so places would not be the same."""

_UNSEEN = {"script", "style", "template", "svg", "noscript", "iframe", "object", "math", "textarea", "select"}
_BLOCKS = set(
    "address article aside blockquote body dd details dialog div dl dt fieldset figcaption figure footer form header hr"
    " main nav ol p pre section summary table tbody tfoot thead title tr ul".split()
)
_MOST_OF_TAG = 4_000
"""Characters of a tag in which an address is looked for."""


class _Page:
    """The text of a page so far."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._parts: list[str] = []
        self._kept = 0
        """How many elements that keep their white space are open."""
        self._link: tuple[int, str] | None = None
        """Where in the parts the link begins that is open, and where it leads."""

    def text(self) -> str:
        """Return it, with at most one empty line at a place."""
        lines = [line.rstrip() for line in "".join(self._parts).split("\n")]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()

    def say(self, text: str) -> None:
        """Add text of the page."""
        said = html.unescape(text)
        if not self._kept:
            said = re.sub(r"\s+", " ", said)
            if not self._parts or self._parts[-1].endswith(("\n", " ")):
                said = said.lstrip(" ")
        if said:
            self._parts.append(said)

    def tag(self, name: str, inside: str) -> None:
        """Take note of a tag."""
        ends, bare = name.startswith("/"), name.lstrip("/")
        if bare == "pre":
            self._kept = max(0, self._kept + (-1 if ends else 1))
        if bare == "a":
            self._end_link()
            found = None if ends else _HREF.search(inside[:_MOST_OF_TAG])
            if found is not None:
                self._link = (len(self._parts), html.unescape(next(filter(None, found.groups()), "")))
        elif bare in ("br", "hr"):
            self._parts.append("\n")
        elif re.fullmatch(r"h[1-6]", bare):
            self._parts.append("\n\n" if ends else f"\n\n{'#' * int(bare[1])} ")
        elif bare == "li" and not ends:
            self._parts.append("\n- ")
        elif bare in ("td", "th") and ends:
            self._parts.append(" | ")
        elif bare in ("p", "pre", "table", "blockquote", "title"):
            self._parts.append("\n\n")
        elif bare in _BLOCKS:
            self._parts.append("\n")

    def _end_link(self) -> None:
        """Write where the link leads that was open, after its text."""
        link, self._link = self._link, None
        if link is None:
            return
        start, target = link
        try:
            leads = urljoin(self._address, target)
        except ValueError:
            return
        if "".join(self._parts[start:]).strip() and leads.startswith(("http://", "https://")) and target[:1] != "#":
            self._parts[start] = f"[{self._parts[start]}"
            self._parts.append(f"]({leads})")


def page_text(source: str, address: str) -> str:
    """Return the text of an HTML page.

    Args:
        source: The page.
        address: Where it is from, against which its links are read.
    """
    page, at, lowered = _Page(address), 0, source.translate(_SMALL)
    while at < len(source):
        start = source.find("<", at)
        if start < 0:
            page.say(source[at:])
            break
        page.say(source[at:start])
        at = _after(source, lowered, start, page)
    return page.text()


def _after(source: str, lowered: str, start: int, page: _Page) -> int:
    """Take what begins with `<` at a place, and return where it ends."""
    if source.startswith("<!--", start):
        return _end(source.find("-->", start + 4), 3, source)
    name = _NAME.match(source, start + 1)
    if name is None and source[start + 1 : start + 2] not in ("!", "?"):
        page.say("<")
        return start + 1
    after = _end(source.find(">", start), 1, source)
    if name is None:
        return after
    bare = name[0].lower()
    inside = source[name.end() : after]
    page.tag(bare, inside)
    if bare in _UNSEEN and not inside.endswith("/>"):
        return _end(lowered.find(f"</{bare}", after), 0, source)
    return after


def _end(found: int, length: int, source: str) -> int:
    return len(source) if found < 0 else found + length
