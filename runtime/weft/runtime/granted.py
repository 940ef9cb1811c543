"""What a person grants to agents, as it is written: tools by name, and of each which files, commands or addresses.

    write_file:src/**      write_file, for paths below src
    run_command:pytest*    run_command, for commands that begin so
    mcp:github.*           every tool of one server
    command_network        the network, for what `run_command` executes
    command_reads:/data    a folder outside, for the same; `command_writes` where it may be changed

Whether a call is covered is asked in `tools.allowed`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["COMMANDS_CONNECT", "COMMANDS_READ", "COMMANDS_WRITE", "Grant", "fits", "read_grant"]

COMMANDS_CONNECT, COMMANDS_READ, COMMANDS_WRITE = "command_network", "command_reads", "command_writes"
"""By which names commands are granted more than the folder they run in: the network, and paths outside of it. They are
named letter by letter: no `*` stands for them."""

_GRANT = re.compile(r"(?P<tool>mcp:[\w.*-]+|[\w*-]+)(?::(?P<pattern>.+))?", re.DOTALL)


def fits(pattern: str, subject: str) -> bool:
    """Whether a pattern is about a subject, as those of paths are: `*` stands for text without `/`, `**` for any."""
    return _matching(pattern, within="/" if "/" in pattern else "").fullmatch(subject) is not None


@dataclass(frozen=True)
class Grant:
    """One thing that is allowed."""

    text: str
    """As it was written."""
    tool: str
    """Which tools, where `*` stands for anything."""
    pattern: str | None
    """Which calls of them; all without one."""

    def names(self, tool: str) -> bool:
        """Whether it is about this tool at all."""
        return _matching(self.tool, within="").fullmatch(tool) is not None

    def covers(self, tool: str, subject: str | None, fits: Callable[[str, str], bool] = fits) -> bool:
        """Whether it is about a call of this tool that is about this.

        Args:
            tool: Its name.
            subject: What the call is about.
            fits: Tells whether a pattern of the tool is about a subject.
        """
        if not self.names(tool):
            return False
        return self.pattern is None or (subject is not None and fits(self.pattern, subject))


def read_grant(text: str) -> Grant:
    """Read a grant as people write it.

    Raises:
        ValueError: it means nothing.
    """
    found = _GRANT.fullmatch(text)
    if found is None or not text.isprintable():
        raise ValueError(f"{text!r} is no TOOL or TOOL:PATTERN, such as write_file:src/** or run_command:pytest*.")
    return Grant(text, found["tool"], found["pattern"])


@lru_cache(maxsize=256)
def _matching(pattern: str, *, within: str) -> re.Pattern[str]:
    """Return what matches as a pattern says: `*` is any text without `within`, `**` any text at all, `?` a letter."""
    inner = rf"[^{re.escape(within)}]" if within else r"[\s\S]"
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    meant = {"**/": r"(?:[\s\S]*/)?", "**": r"[\s\S]*", "*": f"{inner}*", "?": inner}
    return re.compile("".join(meant.get(part) or re.escape(part) for part in parts))
