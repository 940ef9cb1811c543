"""The `weft` command. Modules are imported where a command needs them, so that `weft --help` answers at once."""

from weft.runtime.cli.main import main

__all__ = ["main"]
