"""What holds for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="session")
def _no_ledger_of_anybody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let what tests spend in their own process stand in no ledger of whoever runs them."""
    from weft.runtime.money import keeper

    ledger = tmp_path_factory.mktemp("ledger") / "spend.db"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(keeper, "ledger_path", lambda: ledger)
        yield
