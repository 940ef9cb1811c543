"""What holds for all tests."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from trying import examples

# How fast a machine is at the moment is no matter of what is right.
settings.register_profile(
    "suite", max_examples=examples(30, of=100), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")

numbers = count(1)


def pytest_collection_finish() -> None:
    """Let no collection of garbage go through what stays until the end: thousands of tests and all modules."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def ledgers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Path]]:
    """Give the folder in which what the test at hand spends is booked, if anything is."""
    from weft.runtime.money import keeper

    at = [tmp_path_factory.mktemp("ledgers")]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(keeper, "ledger_path", lambda: at[-1] / "spend.db")
        yield at


@pytest.fixture(autouse=True)
def _ledger_of_its_own(ledgers: list[Path]) -> None:
    """Let what a test spends in this process stand in no ledger of whoever runs it, nor of another test."""
    ledgers.append(ledgers[0] / str(next(numbers)))
