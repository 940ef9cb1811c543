"""What comes from elsewhere, as agents are given it: marked as data, and where it is long, in pages.

Whoever writes a page or the output of a command can write anything, also what looks like the end of it. It cannot write
the mark that it stands within: that is worked out from all of it, and from what nobody outside knows.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import Any

from weft.runtime.tools.refusing import ToolRefused
from weft.runtime.tools.tool import Calling, Tool, taking

__all__ = ["READ_MORE", "Answers"]

READ_MORE = "read_more"

PAGE = 24_000
"""Characters that are shown of an answer at once."""
MOST_KEPT = 8_000_000
"""Characters of answers that are kept for one agent; the oldest go first."""


class Answers:
    """The answers of one agent's tools that are too long to be shown at once."""

    def __init__(self, secret: str) -> None:
        """Keep none yet.

        Args:
            secret: What nobody knows who writes what tools find.
        """
        self._secret = secret
        self._kept: OrderedDict[int, str] = OrderedDict()
        self._size = 0
        self._given = 0
        self.tool = Tool(
            name=READ_MORE,
            description="Read on in an answer that was too long to be shown at once.",
            acts="reads",
            parameters=taking(
                {
                    "answer": ("integer", "Its number, as it was told."),
                    "page": ("integer", "Which page of it, from 1."),
                },
                required=("answer", "page"),
            ),
            call=self._more,
            free=True,
        )

    def shown(self, text: str, name: str) -> str:
        """Return what is shown of an answer: all of it, or its beginning and its end."""
        if len(text) <= PAGE:
            return self._marked(text, name)
        number = self._keep(text)
        pages = -(-len(text) // PAGE)
        first, last = text[: PAGE * 2 // 3], text[-PAGE // 3 :]
        left = len(text) - len(first) - len(last)
        said = f"{READ_MORE}(answer={number}, page=1) to page={pages} has all"
        return self._marked(f"{first}\n\n(… {left:,} characters left out here …)\n\n{last}", name, said)

    async def _more(self, _: Calling, arguments: dict[str, Any]) -> str:
        return self.more(arguments["answer"], arguments["page"])

    def more(self, number: int, page: int) -> str:
        """Return one page of an answer, the first of which is 1.

        Raises:
            ToolRefused: that answer is not kept, or has no such page.
        """
        text = self._kept.get(number)
        if text is None:
            known = ", ".join(map(str, self._kept)) or "none"
            raise ToolRefused(f"answer {number} is not kept; kept are: {known}")
        pages = -(-len(text) // PAGE)
        if not 1 <= page <= pages:
            raise ToolRefused(f"answer {number} has pages 1 to {pages}")
        return self._marked(text[(page - 1) * PAGE : page * PAGE], READ_MORE, f"page {page} of {pages}")

    def _keep(self, text: str) -> int:
        self._given += 1
        self._kept[self._given] = text[:MOST_KEPT]
        self._size += len(self._kept[self._given])
        while self._size > MOST_KEPT:
            self._size -= len(self._kept.popitem(last=False)[1])
        return self._given

    def _marked(self, text: str, name: str, said: str = "") -> str:
        """Return data between two lines that it cannot hold itself."""
        mark = hashlib.sha256(f"{self._secret}\0{text}".encode("utf-8", "replace")).hexdigest()[:16]
        end = f"</data {mark}>" + (f"\n({said})" if said else "")
        return f'<data {mark} from="{name}">\n{text}\n{end}'
