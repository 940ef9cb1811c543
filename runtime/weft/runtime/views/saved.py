"""Saved harnesses as JSON data: what there is, and what is kept of one. How they are listed for people is `cli`'s."""

from __future__ import annotations

import os
from typing import Any

from weft.runtime.keeping.record import Track
from weft.runtime.keeping.shelf import Kept
from weft.runtime.project.approvals import trusted
from weft.runtime.project.filled import filled
from weft.runtime.project.folders import Project
from weft.runtime.project.saved import SavedHarness
from weft.runtime.project.shipped import shelves

__all__ = ["is_approved", "kept_object", "saved_object"]

WHERE = {"project": "project", "user": "user", "shipped": "built-in"}
"""Where a harness is found: a project's own first."""


def is_approved(saved: SavedHarness) -> bool:
    """Whether the user has said yes to a saved harness as it is."""
    return saved.harness is not None and trusted(saved.harness)


def saved_object(saved: SavedHarness, project: Project) -> dict[str, Any]:
    """Return a saved harness that is found in a project."""
    return {
        "name": saved.name,
        "where": WHERE[saved.origin],
        "description": saved.purpose,
        "args": saved.harness and saved.harness.args_schema,
        "filled": filled(saved.harness.args_schema) if saved.harness else [],
        "digest": saved.harness and saved.harness.digest,
        "approved": is_approved(saved),
        "origin": saved.origin,
        "path": saved.path and os.path.relpath(saved.path, project.root.parent),
        "purpose": saved.purpose,
        "readable": saved.readable,
        **_facts(saved),
        "hides_shipped": saved.hides_shipped,
    }


def kept_object(saved: SavedHarness, project: Project, kept: Kept, track: Track) -> dict[str, Any]:
    """Return the same with its versions, and how its runs went."""
    return {
        **saved_object(saved, project),
        "runs": len(track.runs),
        "versions": [version.model_dump() for version in kept.versions],
        "record": track.as_data(),
    }


def _facts(saved: SavedHarness) -> dict[str, object]:
    """Return what is known of a harness that comes with Weft."""
    if saved.origin != "shipped":
        return {"group": None, "offline": None}
    group = next(title for title, names in shelves().groups.items() if saved.name in names)
    return {"group": group, "offline": saved.name in shelves().offline}
