"""How much of what there was a harness or an agent could make something of. What it means to a run is in `journal`."""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = ["Understood"]

LONGEST = 2_000
"""Characters of each of its texts that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """So many of so many: files that were read, claims that were decided, questions that were answered."""

    count: int
    of: int
    what: str = "files"
    """What is counted, in the plural."""
    hint: str = ""
    """Why the others were not understood, and what to do."""

    def __post_init__(self) -> None:
        """Check it.

        Raises:
            TypeError: a count that is no whole number, or words that are no text.
            ValueError: more than there were, or fewer than none.
        """
        if [type(part) for part in (self.count, self.of, self.what, self.hint)] != [int, int, str, str]:
            raise TypeError(f"Understood() takes two whole numbers and two texts, got {self!r}")
        if not 0 <= self.count <= self.of:
            raise ValueError(f"nobody can understand {self.count} of {self.of} {self.what}")

    @property
    def whole(self) -> bool:
        """Whether there was anything, and all of it was understood."""
        return 0 < self.of == self.count

    def brief(self) -> Understood:
        """Return it with texts of a length that can be shown."""
        return replace(self, what=self.what[:LONGEST], hint=self.hint[:LONGEST])
