"""What can go wrong with the sandbox itself. Errors that a harness raises are reports, see `protocol.Failed`.

WeftError
├── PolicyError          the harness uses something that the language does not have
└── SandboxError         the child process is gone; the run ends, its journal is intact
    ├── SandboxDied          it ended by itself or was killed
    ├── SandboxStuck         it computed for too long without answering
    └── ProtocolViolation    it sent something that is not a message; it was killed

In the child two more end a harness, and reach the host as reports: Deadlock and TooLarge.
"""

from __future__ import annotations

from weft.primitives.errors import WeftError

__all__ = ["Deadlock", "PolicyError", "ProtocolViolation", "SandboxDied", "SandboxError", "SandboxStuck", "TooLarge"]


class PolicyError(WeftError):
    """The harness uses something that the language does not have; the message says what to write instead."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


class SandboxError(WeftError):
    """The child process that executed the harness is gone."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line
        """Where the harness was, as far as the child could still tell."""


class SandboxDied(SandboxError):
    """The child ended without a last message, for example because it ran out of memory or was killed."""


class SandboxStuck(SandboxError):
    """The child was busy for longer than its limit allows and was killed."""


class ProtocolViolation(SandboxError):
    """The child sent something that is not a message of the protocol: the first wall may be broken."""


class Deadlock(Exception):
    """The harness waits for something that can never happen."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


class TooLarge(ValueError):
    """A prompt, note or result does not fit into a message."""
