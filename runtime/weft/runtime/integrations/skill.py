"""What agents that write code are told of Weft: how to use it (`skill.md`), and the language as our author has it."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

from weft.runtime.errors import UsageError
from weft.runtime.project.files import shown_path, write_atomically

__all__ = ["language_text", "skill_text", "write_skill"]

BEGINS = "# The smallest shape"
"""Where the prompt of the author begins to speak of harnesses, and no longer of its answer."""

TITLE = "# The language of harnesses, and what makes their results trustworthy\n\n"


def skill_text() -> str:
    """Return how an agent uses Weft, as a SKILL.md."""
    return files(__package__).joinpath("skill.md").read_text("utf-8")


def language_text() -> str:
    """Return how harnesses are written."""
    prompt = files("weft.runtime.authoring").joinpath("prompts/author.md").read_text("utf-8")
    return TITLE + prompt[prompt.index(BEGINS) :].replace("\n# ", "\n## ").replace(BEGINS, f"#{BEGINS}", 1)


def write_skill(folder: Path) -> Path:
    """Write SKILL.md, and LANGUAGE.md that it refers to, into a folder, made if needed; return the former.

    Raises:
        UsageError: a file of another skill is there, or the folder cannot be written to.
    """
    path = folder / "SKILL.md"
    head = skill_text().split("\n", 2)[:2]
    try:
        if os.path.lexists(path) and path.read_text("utf-8", "replace").split("\n", 2)[:2] != head:
            raise UsageError(
                "another skill is there",
                where=shown_path(path),
                meaning="it stays as it is, and nothing was written",
                fix="weft skill --out ANOTHER-FOLDER, such as .claude/skills/weft",
            )
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(path, skill_text())
        write_atomically(folder / "LANGUAGE.md", language_text())
    except OSError as error:
        raise UsageError(
            f"the skill cannot be written: {error.strerror}", where=shown_path(path), fix="weft skill --out FOLDER"
        ) from None
    return path
