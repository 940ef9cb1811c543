"""Which phase an agent is asked in: the one that its harness began last, a saved one that of its own."""

from __future__ import annotations

from weft.runtime.journal.callpath import Homes

__all__ = ["Phases"]


class Phases:
    """Follows the phases of a harness and of the saved ones that it calls; what those begin ends with them."""

    def __init__(self, title: str | None = None) -> None:
        """Begin in a phase, if there is one."""
        self.homes = Homes()
        self._titles: dict[str, str] = {} if title is None else {"": title}
        """By the path of the saved harness that is in it; of the run's own, that is empty."""

    def began(self, path: str, title: str) -> None:
        """Take note of a phase that begins on this call path."""
        self._titles[self._around(path)[-1]] = title

    def at(self, path: str) -> str | None:
        """Return the phase in which something stands; in a saved harness without phases, that of its caller."""
        return next((self._titles[home] for home in reversed(self._around(path)) if home in self._titles), None)

    def _around(self, path: str) -> list[str]:
        return ["", *(home.path for home in self.homes.of(path))]
