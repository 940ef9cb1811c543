"""Reads a trace as Perfetto's trace processor takes the JSON format: sorted by time, a stack of slices for each track.

A slice is over at its end, so nothing can begin in it there; one that lasts longer than the slice around it is dropped,
and so is an arrow whose end meets no slice. Here either is an error.
"""

from __future__ import annotations

from typing import Any

__all__ = ["read_trace"]


def read_trace(trace: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[int, tuple[str, str]]]:
    """Return the slices of a trace, each with its `depth`, and the names of both that each arrow joins, by its id."""
    stacks: dict[tuple[int, int], list[tuple[int, dict[str, Any]]]] = {}
    slices: list[dict[str, Any]] = []
    begun: dict[int, str] = {}
    arrows: dict[int, tuple[str, str]] = {}
    timed = [one for one in trace["traceEvents"] if one["ph"] in "Xsf"]
    for one in sorted(timed, key=lambda event: _ns(event["ts"])):
        at = _ns(one["ts"])
        stack = stacks.setdefault((one["pid"], one["tid"]), [])
        while stack and stack[-1][0] <= at:
            stack.pop()
        match one["ph"]:
            case "X":
                end = at + _ns(one["dur"])
                assert not stack or end <= stack[-1][0], f"{one} lasts longer than {stack[-1]}"
                slices.append({**one, "depth": len(stack)})
                stack.append((end, one))
            case "s":
                assert stack, f"{one} begins at no slice"
                begun[one["id"]] = stack[-1][1]["name"]
            case _:
                assert stack, f"{one} ends at no slice"
                arrows[one["id"]] = (begun.pop(one["id"]), stack[-1][1]["name"])
    assert not begun
    return slices, arrows


def _ns(us: float) -> int:
    return round(us * 1000)
