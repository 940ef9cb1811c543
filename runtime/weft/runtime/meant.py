"""What errors about unknown names say: which known ones may be meant. How like names are tells `weft.linter.near`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

__all__ = ["did_you_mean"]


def did_you_mean(name: str, known: Iterable[str] | Mapping[str, str], otherwise: str) -> str:
    """Return the fix of an error about a name that there is not.

    Args:
        name: What was written.
        known: What could have been; as a mapping, with what to show instead of each.
        otherwise: What to do where nothing known comes near, or none of it is meant.
    """
    from weft.linter.near import nearest

    near = [known[one] if isinstance(known, Mapping) else one for one in nearest(name, known)]
    return " ".join([f"did you mean {' or '.join(near)}?"] * bool(near) + [otherwise])
