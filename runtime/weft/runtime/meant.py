"""What errors about unknown names say: which known ones may be meant. How like names are tells `weft.linter.near`."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["did_you_mean"]


def did_you_mean(name: str, known: Iterable[str], otherwise: str, *, before: str = "") -> str:
    """Return the fix of an error about a name that there is not.

    Args:
        name: What was written.
        known: What could have been.
        otherwise: What to do where nothing known comes near, or none of it is meant.
        before: Stands before each known name, such as the command that takes it.
    """
    from weft.linter.near import nearest

    near = [f"{before}{one}" for one in nearest(name, known)]
    return " ".join([f"did you mean {' or '.join(near)}?"] * bool(near) + [otherwise])
