"""What holds for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

numbers = count(1)


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
