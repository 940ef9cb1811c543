"""Text of agents and harnesses in Markdown, of which a reader obeys nothing that ends, hides or forges what is near."""

from __future__ import annotations

import re

from weft.runtime.plain import plain

__all__ = ["as_markdown", "fenced", "on_a_line"]

_MARKS = re.compile(
    r"(?P<number>\A\d+)(?=[.)])"  # would begin a list
    r"|\A[-+=>#]|[\\`*\[\]<|~]"
    r"|(?<![^\W_])_|_(?![^\W_])"  # within a word it means nothing
    r"|&(?=#|\w+;)"
)
"""What means something in text that stands on a line of its own, or in a table."""

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")

_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)

_HTML = re.compile(r"<[A-Za-z/!?](?!\w*://)")
"""How HTML begins; an address between `<` and `>` is none."""


def on_a_line(text: str) -> str:
    """Return text as `plain` does, on one line, that means nothing there.

    An address in it may still be shown as a link, to where it says.
    """
    return _MARKS.sub(lambda mark: f"{mark[0]}\\" if mark["number"] else f"\\{mark[0]}", plain(" ".join(text.split())))


def fenced(text: str) -> str:
    """Return text as a block that is shown as it is."""
    fence = "`" * max(3, 1 + max((len(ticks) for ticks in re.findall("`+", text)), default=0))
    return f"{fence}text\n{text}\n{fence}"


def as_markdown(text: str) -> str:
    """Return text that may be Markdown itself as such, where nothing of it reaches beyond it; else as a block.

    A block of code that it leaves open is closed. With HTML in it, it is shown as it is.
    """
    shown, outside, fence = plain(text), [], ""
    for line in shown.split("\n"):
        found = _FENCE.match(line)
        if fence:
            if found is not None and found[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        elif found is not None and not (found[1][0] == "`" and "`" in line[found.end() :]):
            fence = found[1]
        else:
            outside.append(line)
    if _HTML.search(_CODE.sub("", "\n".join(outside))):
        return fenced(shown)
    return f"{shown}\n{fence}" if fence else shown
