"""How a process gives up resources for good. What is given up by whom is in `confine` and `contained`."""

from __future__ import annotations

import resource

__all__ = ["limit"]


def limit(kind: int, most: int) -> None:
    """Let this process have so much of a resource for good, or less where it may have no more than that already.

    Raises:
        OSError, ValueError: the system refuses the limit.
    """
    _, allowed = resource.getrlimit(kind)
    if allowed != resource.RLIM_INFINITY:  # which need not be the largest number
        most = min(most, allowed)
    resource.setrlimit(kind, (most, most))
