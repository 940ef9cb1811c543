"""What a user has said yes to, by digest; kept in the user's own folder, so that no project can approve itself.

What a digest is of is for others to say: the source of a saved harness, or a plan with all that belongs to it.

~/.weft/approved/
    DIGEST          what it was, in words
    places/DIGEST   the file in which something was that was approved; the digest is that of its path
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from weft.runtime.project.files import write_atomically
from weft.runtime.project.harness import Harness
from weft.runtime.project.shipped import is_builtin

__all__ = ["SHORTEST", "Approvals", "means", "shown_digest", "trusted"]

SHORTEST = 8
"""How many letters of a digest have to be given, at least."""

_DIGEST = re.compile(r"[0-9a-f]{64}")


class Approvals:
    """The digests that this user has approved: a file each, so that nobody waits and nothing is read to be changed."""

    def __init__(self, folder: Path | None = None) -> None:
        """Look in a folder, or in the user's."""
        self._folder = folder or Path(os.path.expanduser("~/.weft/approved"))

    def __contains__(self, digest: str) -> bool:
        """Whether a digest was approved; where that cannot be looked up, it was not."""
        return _DIGEST.fullmatch(digest) is not None and (self._folder / digest).is_file()

    def add(self, digest: str, what: str, at: Path | None = None) -> bool:
        """Remember a yes, and return whether that could be written; what was said yes to holds for now either way.

        Args:
            digest: Of what was said yes to.
            what: What that is, in words.
            at: The file in which it is.
        """
        new = {} if digest in self else {self._folder / digest: what}
        new |= {} if at is None or self.knows(at) else {self._place(at): str(at.absolute())}
        try:
            for path, text in new.items():
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                write_atomically(path, f"{text}\n")
        except OSError:
            return False
        return True

    def knows(self, file: Path) -> bool:
        """Whether something that was in this file was approved once, whatever is in it now."""
        return self._place(file).is_file()

    def _place(self, file: Path) -> Path:
        return self._folder / "places" / hashlib.sha256(os.fsencode(file.absolute())).hexdigest()


def trusted(harness: Harness) -> bool:
    """Whether a harness comes with weft, or was approved as it is."""
    return is_builtin(harness) or harness.digest in Approvals()


def means(said: str, digest: str) -> bool:
    """Whether what somebody has given, as in `sha256:7f3a91c2`, is this digest or its beginning."""
    given = said.strip().lower().removeprefix("sha256:")
    return len(given) >= SHORTEST and digest.startswith(given)


def shown_digest(digest: str) -> str:
    """Return as much of a digest as is shown, in the form in which it is given."""
    return f"sha256:{digest[:12]}"
