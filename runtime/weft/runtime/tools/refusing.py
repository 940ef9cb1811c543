"""How a tool says no."""

from __future__ import annotations

__all__ = ["ToolRefused"]


class ToolRefused(Exception):
    """A tool did not do what was asked; the message tells the agent why, and what it can do instead."""
