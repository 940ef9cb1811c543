"""What one harness has said and begun in all, held against its limits: the child keeps count, and the host again."""

from __future__ import annotations

from weft.primitives.calls import NoteKind
from weft.sandbox.protocol import Limits

__all__ = ["Tally"]


class Tally:
    """Counts. What its methods return is said to a harness for which one more is too much."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.calls = 0
        """How many calls were made: of agents, of the host, and of saved harnesses."""
        self._branches = self._notes = self._steps = self._bytes = 0

    def another_call(self) -> str | None:
        """Say whether there may be one more; whoever makes it counts it in `calls`, as it may yet be too large."""
        most = self._limits.calls
        if self.calls < most:
            return None
        return f"more than {most} calls of agents, tools and saved harnesses: a run may make no more; bound its loops"

    def fan_out(self, width: int) -> str | None:
        """Count the branches of a fan-out."""
        self._branches += width
        most = self._limits.branches
        if self._branches <= most:
            return None
        return f"more than {most} branches in all fan-outs: a run may have no more; bound its loops"

    def depth(self, path: str) -> str | None:
        """Say whether what stands on a call path is nested too deeply; nothing is counted."""
        most = self._limits.depth
        if path.count("/") <= most:
            return None
        return f"fan-outs nested more than {most} levels deep: end the recursion sooner"

    def note(self, kind: NoteKind) -> str | None:
        """Count a note, or a step of a helper: a round, the end of a loop, what votes have come to."""
        if kind in ("round", "loop", "verdict"):
            self._steps += 1
        else:
            self._notes += 1
        if self._steps > self._limits.steps:
            return f"more than {self._limits.steps} rounds, loops with rounds, and verdicts"
        if self._notes > self._limits.notes:
            return f"more than {self._limits.notes} notes and log lines: log less often"
        return None

    def note_bytes(self, size: int) -> str | None:
        """Count what a note takes as a message."""
        self._bytes += size
        most = self._limits.note_bytes
        return None if self._bytes <= most else f"notes and log lines of more than {most:,} bytes together: log less"
