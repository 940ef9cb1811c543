"""What the tests of the language wall share: harnesses are run by `driver.py`, a batch at a time, on two processors."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import textwrap
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
DRIVER = f"""
from weft.sandbox.addresses import hide_addresses
hide_addresses()
import runpy
runpy.run_path({str(HERE / "driver.py")!r}, run_name="__main__")
"""
"""As in a child, addresses are hidden before all else is imported."""
Outcome = dict[str, Any]
Run = Callable[..., dict[str, Outcome]]


@pytest.fixture(scope="module")
def _quick_collections() -> None:
    """Let the collector look at what the tests of a module leave behind, not at all that was there before.

    For good: what was given back to it would be gone through by each collection until the end.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture
def given_up(_quick_collections: None) -> Iterator[None]:
    """Collect coroutines that the loop has given up before another test would be told of them."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()


def run_all(sources: dict[str, str], cpu_seconds: float = 1.0) -> dict[str, Outcome]:
    """Run each source in a child of its own; a source without `main` is the body of one."""
    lines = [json.dumps({"id": name, "source": harness_of(source)}) for name, source in sources.items()]
    with ThreadPoolExecutor(2) as pool:
        shards = pool.map(_drive, [lines[::2], lines[1::2]], [cpu_seconds] * 2)
    return {outcome["id"]: outcome for shard in shards for outcome in shard}


def _drive(lines: list[str], cpu_seconds: float) -> list[Outcome]:
    command = [sys.executable, "-W", "ignore", "-c", DRIVER, str(cpu_seconds)]
    done = subprocess.run(command, input="\n".join(lines), capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def harness_of(source: str) -> str:
    source = textwrap.dedent(source).strip("\n")
    return source if "async def main" in source else "async def main(args):\n" + textwrap.indent(source, "    ")


@pytest.fixture(scope="session")
def run() -> Run:
    return run_all


@pytest.fixture(scope="session")
def as_harness() -> Callable[[str], str]:
    return harness_of


@pytest.fixture(scope="session")
def corpus() -> Callable[[str], list[Outcome]]:
    return lambda name: [json.loads(line) for line in (HERE / f"{name}.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="session")
def assert_stopped() -> Callable[[Outcome, str | None], None]:
    """Check that an attack failed with these words, or with `None`, that it ran and gained nothing."""

    def check(outcome: Outcome, words: str | None) -> None:
        if words is None:
            assert (outcome["how"], outcome["what"]) == ("returned", "no")
        else:
            assert outcome["how"] != "returned"
            assert words in outcome["what"]

    return check
