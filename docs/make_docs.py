"""Builds the documentation: `python docs/make_docs.py` puts its pages in `build/docs`, and the site in `build/site`.

Pages written by hand are in `pages/`, those read off the code come from `generated.py`. A link to a page or an anchor
that is not there ends the build, as an error.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from generated import pages

__all__ = ["build", "gather"]

HERE = Path(__file__).parent


def gather(folder: Path) -> None:
    """Put all pages into a folder, in place of what was there."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(HERE / "pages", folder)
    for name, text in pages().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def build(folder: Path) -> int:
    """Make the site in a folder, as `docs` and `site`, and return the exit code of the program that does it."""
    gather(folder / "docs")
    config = shutil.copy(HERE / "zensical.toml", folder)
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean", "-f", config]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(build(HERE.parent / "build"))
