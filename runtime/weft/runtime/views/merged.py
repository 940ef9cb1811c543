"""What became of patches that were merged, for people and as JSON data."""

from __future__ import annotations

from typing import Any

from weft.runtime.page import Block, Span, line
from weft.runtime.plain import plain
from weft.runtime.worktrees.conflicts import Conflict
from weft.runtime.worktrees.merging import Merged, Patch, Tried

__all__ = ["merged_object", "merged_page"]

MOST_FILES = 6
"""How many files of a patch are named."""


def merged_page(merged: Merged, *, check: bool, staged: bool) -> list[Block]:
    """Return a line for each patch, the conflicts of those that do not fit, and what has become of the branch."""
    page: list[Block] = []
    for tried in merged.tried:
        page += _tried(tried, check=check)
    page += [line(("not tried  ", "dim"), f"{_name(patch)}: {_files(patch)}", hang=11) for patch in merged.untried]
    fits = sum(tried.commit is not None for tried in merged.tried)
    if merged.before == merged.after:
        return [*page, f"nothing is changed in {plain(merged.into)}"]
    done = "would be" if check else "are"
    how = "changes in the index" if staged else "commits"
    return [*page, f"{fits} of {len(merged.tried) + len(merged.untried)} {done} {how} of {plain(merged.into)}"]


def _tried(tried: Tried, *, check: bool) -> list[Block]:
    said = f"{_name(tried.patch)}: {_files(tried.patch)}"
    if tried.there:
        return [line(("there      ", "dim"), said, hang=11)]
    if tried.commit is not None:
        word = "fits       " if check else f"{tried.commit[:9]}  "
        return [line((word, "ok"), said, hang=11)]
    if tried.problem is not None:
        return [line(("lost       ", "lost"), f"{_name(tried.patch)}: {plain(tried.problem)}", hang=11)]
    page: list[Block] = [line(("conflict   ", "lost"), said, hang=11)]
    for conflict in tried.conflicts:
        page += _conflict(conflict)
    if tried.patch.kept is not None:  # else its branch is that of a script
        page.append(line(("  by hand  ", "dim"), f"git cherry-pick {plain(tried.patch.kept.branch)}", hang=11))
    return page


def _conflict(conflict: Conflict) -> list[Block]:
    others = f"; changed too by {', '.join(map(plain, conflict.others))}" if conflict.others else ""
    head = line(f"  {plain(conflict.path)}: {conflict.why}{others}", hang=4)
    return [head, *(line(_shown(text), hang=6) for text in conflict.shown.splitlines())]


def _shown(text: str) -> Span:
    mark = text[:7] in ("<<<<<<<", "=======", ">>>>>>>", "|||||||")
    return f"    {plain(text)}", "dim" if mark else "plain"


def _name(patch: Patch) -> str:
    return f"{patch.agent} {plain(patch.name)}"


def _files(patch: Patch) -> str:
    more = len(patch.files) - MOST_FILES
    return plain(", ".join(patch.files[:MOST_FILES])) + (f" and {more} more" if more > 0 else "")


def merged_object(run: str, merged: Merged, *, check: bool, staged: bool) -> dict[str, Any]:
    """Return what became of the patches of a run."""
    return {
        "run": run,
        "repository": str(merged.repository),
        "into": merged.into,
        "before": merged.before,
        "after": merged.before if check or staged else merged.after,
        "check": check,
        "staged": staged,
        "merged": [
            {**_patch(tried.patch), "commit": tried.commit, "there": tried.there}
            for tried in merged.tried
            if tried.fits
        ],
        "conflicts": [
            {
                **_patch(tried.patch),
                "problem": tried.problem,
                "in": [
                    {"path": one.path, "why": one.why, "others": [*one.others], "shown": one.shown}
                    for one in tried.conflicts
                ],
            }
            for tried in merged.tried
            if not tried.fits
        ],
        "untried": [_patch(patch) for patch in merged.untried],
    }


def _patch(patch: Patch) -> dict[str, Any]:
    return {"agent": patch.agent, "label": patch.name, "files": [*patch.files]}
