"""What the operating system denies the child, whatever happens in it. What the language denies is `policy`.

The wall stands on resource limits, which need no library and hold on every Unix: with no descriptor to be had there
are no files, sockets or pipes; with no process to be had there is no fork.
"""

from __future__ import annotations

import os
import resource

from weft.sandbox.protocol import Limits

__all__ = ["confine"]

NOBODY = 65534
"""The user and group that own nothing, used when the host runs as root, for whom limits on processes do not bind."""

TOTAL_CPU_SECONDS = 600
"""CPU time of a whole run; a burst between two awaits is limited by a timer in `child`."""


def confine(limits: Limits) -> None:
    """Give up, for good, everything the child does not need. All it will ever import must be imported before.

    Raises:
        OSError, ValueError: the system refuses a limit; the child must not go on.
    """
    os.chdir("/")
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, TOTAL_CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(kind, (most, most))
