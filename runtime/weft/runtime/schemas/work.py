"""The process that does for the host what may take long or much memory. It ends where it takes too much of either.

The host's side is `worker`. What is to be done comes as a line of JSON on standard input, and what came of it goes to
standard output.
"""

from __future__ import annotations

import importlib
import json
import resource
import signal
import sys
from typing import Any

from weft.runtime.schemas.validating import worst
from weft.runtime.schemas.worker import TooHard
from weft.sandbox.limiting import limit

__all__ = ["main"]

MEMORY = 1 << 30
"""Bytes."""

MOST_FRAMES = 5_000
"""How deep calls may nest: far deeper than values do."""


def main() -> None:
    """Work until there is nothing more to do."""
    for name in (signal.SIGINT, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)  # these are meant for the host, which ends this process with itself
    limit(resource.RLIMIT_AS, MEMORY)
    limit(resource.RLIMIT_CORE, 0)
    sys.setrecursionlimit(MOST_FRAMES)
    worst(None, "{}")  # what it takes to get ready is not counted against the first piece of work
    for line in sys.stdin.buffer:
        task = json.loads(line)
        # Processor time: on a busy machine nothing is lost for being slow. Its signal ends the process.
        signal.setitimer(signal.ITIMER_PROF, task["seconds"])
        answer = json.dumps(_done(task["what"], task["args"]))
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()


def _done(what: str, args: list[Any]) -> dict[str, Any]:
    module, name = what.split(":")
    try:
        return {"value": getattr(importlib.import_module(module), name)(*args)}
    except TooHard as error:
        return {"hard": str(error)}
    except ValueError as error:
        return {"refused": str(error)}
    except RecursionError:
        return {"hard": "it is nested too deeply"}
    except MemoryError:
        return {"hard": "it takes too much memory"}
    except (ArithmeticError, AttributeError, LookupError, TypeError) as error:  # what others wrote may mean anything
        return {"hard": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    main()
