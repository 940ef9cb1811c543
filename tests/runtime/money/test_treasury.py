"""Ceilings over all runs: whatever processes do at the same time, and however they end, no more is spent together."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import anyio
import pytest
from killing import forked

from weft.primitives.lost import Spent
from weft.runtime.ceiling import Ceiling
from weft.runtime.clock import RealClock
from weft.runtime.journal.events import Reserved
from weft.runtime.money.beyond import Beyond, beyond
from weft.runtime.money.bills import added_up, bills
from weft.runtime.money.budget import Budget
from weft.runtime.money.limits import Amount
from weft.runtime.money.treasury import LedgerFailure, Treasury, opened, standings
from weft.runtime.pause import Pause
from weft.runtime.project.config import BudgetConfig
from weft.runtime.project.folders import Project

NOON = datetime(2026, 3, 28, 12, 0).astimezone()


def ceilings(**most: float) -> Beyond:
    return beyond({"weft.toml": BudgetConfig.model_validate(most)})


def at(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


def treasury(folder: Path, run: str = "r", spent: Spent | None = None, **most: float) -> Treasury:
    opened_ = Treasury(folder / "spend.db", RealClock(), ceilings(**most), at(NOON))
    opened_.attend(folder, run, spent)
    return opened_


def reserve(of: Treasury, number: int, tokens: int) -> str | None:
    return anyio.run(of.reserve, Reserved(number, number, tokens, 0.0), Amount(tokens))


def stands(folder: Path, rules: Beyond, now: datetime = NOON) -> tuple[float, float]:
    """Return what is spent and reserved under the first rule."""
    database = opened(folder / "spend.db")
    assert database is not None
    database.execute("BEGIN")
    standing = standings(database, rules, str(folder.resolve()), now)[0]
    database.close()
    return standing.spent.tokens, standing.reserved.tokens


class TestProcesses:
    @pytest.mark.slow
    @pytest.mark.parametrize("seed", range(3))
    def test_killed_at_any_moment_they_never_pass_the_ceiling_together(self, tmp_path: Path, seed: int) -> None:
        rules, luck, told = ceilings(day_tokens=3_000), random.Random(seed), tmp_path / "provider"
        treasury(tmp_path, day_tokens=3_000).close()
        processes = [forked(lambda n=n: anyio.run(_spending, tmp_path, told, seed * 10 + n)) for n in range(4)]
        doomed = {process: time.monotonic() + luck.uniform(0.02, 0.4) for process in processes[:2]}
        running = set(processes)
        while running:
            assert sum(stands(tmp_path, rules)) <= 3_000
            for process, moment in list(doomed.items()):
                if time.monotonic() > moment:
                    os.kill(process, signal.SIGKILL)
                    del doomed[process]
            running = {process for process in running if os.waitpid(process, os.WNOHANG) == (0, 0)}
            doomed = {process: moment for process, moment in doomed.items() if process in running}
        served = _served(told)
        assert served <= 3_000
        last = treasury(tmp_path, "last", day_tokens=3_000)
        spent, reserved = stands(tmp_path, rules)
        assert reserved == 0, "what the dead have set aside counts as spent"
        assert served <= spent <= 3_000
        last.close()


async def _spending(folder: Path, told: Path, seed: int) -> None:
    """Spend until nothing is left; `told` is what a provider would know."""
    luck = random.Random(seed)
    mine = Treasury(folder / "spend.db", RealClock(), ceilings(day_tokens=3_000), at(NOON))
    mine.attend(folder, f"run-{seed}")
    descriptor = os.open(told, os.O_CREAT | os.O_WRONLY | os.O_APPEND)

    async def agent(number: int) -> None:
        for turn in range(20):
            tokens = luck.randint(1, 150)
            wanted = Reserved(100 * number + turn, number, tokens, 0.0)
            if await mine.reserve(wanted, Amount(tokens)) is not None:
                return
            os.write(descriptor, f"{seed} {wanted.number} {tokens}\n".encode())
            await anyio.sleep(luck.uniform(0, 0.01))
            used = luck.randint(0, tokens)
            os.write(descriptor, f"{seed} {wanted.number} {used}\n".encode())
            mine.settle(wanted, Spent(used, 0, 0.0))

    async with anyio.create_task_group() as tasks:
        for number in range(3):
            tasks.start_soon(agent, number)
    mine.close()


def _served(told: Path) -> int:
    """Return what a provider can ask for: what was used, or the most of what never came to an end."""
    last = dict(line.rsplit(" ", 1) for line in told.read_text().splitlines())
    return sum(map(int, last.values()))


class TestCeilings:
    def test_the_reason_says_which_and_when_it_begins_anew(self, tmp_path: Path) -> None:
        one = treasury(tmp_path, day_tokens=100)
        assert reserve(one, 1, 60) is None
        one.settle(Reserved(1, 1, 60, 0.0), Spent(60, 0, 0.0))
        why = reserve(one, 2, 50)
        assert why is not None
        assert "day_tokens in weft.toml" in why
        assert "60 tokens of 100 tokens is spent, the next request may take 50 tokens" in why
        assert "begins anew at 2026-03-29 00:00" in why
        assert (one.used_up(1), reserve(one, 3, 40)) == (None, None)
        one.close()

    def test_each_span_counts_what_is_its_own(self, tmp_path: Path) -> None:
        other = tmp_path / "other"
        ledger = tmp_path / "spend.db"
        for project, run in ((tmp_path, "a"), (other, "b")):
            spending = Treasury(ledger, RealClock(), ceilings(user_tokens=1_000), at(NOON))
            spending.attend(project, run)
            spending.charge(1, Spent(100, 0, 0.0))
            spending.close()
        of_project = Treasury(ledger, RealClock(), ceilings(project_tokens=150), at(NOON))
        of_project.attend(other, "c")
        of_user = Treasury(ledger, RealClock(), ceilings(user_tokens=250), at(NOON))
        of_user.attend(other, "d")
        assert (reserve(of_project, 1, 50), of_user.fits(Amount(1))) == (None, False)
        assert "user_tokens" in str(reserve(of_user, 1, 51))
        of_project.close()
        of_user.close()

    def test_a_request_over_midnight_counts_on_the_day_it_left(self, tmp_path: Path) -> None:
        now = [NOON.replace(hour=23, minute=59)]
        over = Treasury(tmp_path / "spend.db", RealClock(), ceilings(day_tokens=100), lambda: now[0])
        over.attend(tmp_path, "r")
        assert reserve(over, 1, 100) is None
        now[0] += timedelta(minutes=2)
        assert reserve(over, 2, 100) is None, "the next day has all of its own"
        over.settle(Reserved(1, 1, 100, 0.0), Spent(100, 0, 0.0))
        now[0] -= timedelta(minutes=2)  # a clock that is set back finds that day as it was
        assert "100 tokens of 100 tokens is spent" in str(reserve(over, 3, 1))
        over.close()

    def test_it_waits_for_what_others_may_leave(self, tmp_path: Path) -> None:
        one, other = treasury(tmp_path, "a", day_tokens=100), treasury(tmp_path, "b", day_tokens=100)
        assert reserve(one, 1, 100) is None

        async def both() -> str | None:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(later)
                return await other.reserve(Reserved(1, 1, 90, 0.0), Amount(90))

        async def later() -> None:
            await anyio.sleep(0.01)
            one.settle(Reserved(1, 1, 100, 0.0), Spent(5, 5, 0.0))

        assert anyio.run(both) is None
        assert stands(tmp_path, ceilings(day_tokens=100)) == (10, 90)
        one.close()
        other.close()

    def test_a_model_without_a_price_is_not_asked_under_one_in_dollars(self, tmp_path: Path) -> None:
        budget, of_dollars = Budget(Ceiling(), RealClock()), treasury(tmp_path, day_usd=1.0)
        budget.draw_on(of_dollars)
        with pytest.raises(Pause, match=r"the ceiling of \$1 cannot hold it.* in place of day_usd in weft.toml"):
            budget.refuse_unpriced("openai:nobody-knows", 1)
        of_dollars.close()


class TestLedger:
    def test_without_ceilings_it_is_written_once_at_the_end(self, tmp_path: Path) -> None:
        free = treasury(tmp_path)
        assert reserve(free, 1, 10**9) is None
        free.settle(Reserved(1, 1, 10**9, 0.0), Spent(3, 4, 0.5))
        assert not (tmp_path / "spend.db").exists()
        free.close()
        assert [bill.spent for bill in bills(tmp_path / "spend.db", Project(tmp_path))] == [Spent(3, 4, 0.5)]

    def test_what_an_author_spent_is_that_of_the_run(self, tmp_path: Path) -> None:
        author = treasury(tmp_path, "")
        author.charge(0, Spent(10, 10, 0.25))
        author.close()
        run = treasury(tmp_path, "r", Spent(10, 10, 0.25))
        run.charge(1, Spent(1, 1, 0.5))
        run.close()
        found = bills(tmp_path / "spend.db", Project(tmp_path))
        assert {name: bill.spent for name, bill in added_up(found, "run").items()} == {"r": Spent(11, 11, 0.75)}
        assert added_up(found, "phase")["author"].spent.usd == 0.25

    def test_a_resume_books_what_its_journal_alone_knows(self, tmp_path: Path) -> None:
        treasury(tmp_path, "r", day_tokens=100).close()
        for _ in range(2):  # once
            again = Treasury(tmp_path / "spend.db", RealClock(), now=at(NOON))
            again.attend(tmp_path, "r", Spent(30, 10, 0.125), resumed=True)
            again.close()
        assert added_up(bills(tmp_path / "spend.db", Project(tmp_path)), "run")["r"].spent.tokens == 40

    def test_a_ledger_that_is_damaged_holds_where_there_are_ceilings(self, tmp_path: Path) -> None:
        (tmp_path / "spend.db").write_bytes(b"no database" * 1000)
        with pytest.raises(LedgerFailure, match="the ledger of all runs cannot be used"):
            treasury(tmp_path, day_tokens=100)
        free = treasury(tmp_path)  # nothing depends on it
        free.charge(1, Spent(1, 1, 0.5))
        free.close()

    def test_what_cannot_be_settled_counts_at_its_worst(self, tmp_path: Path) -> None:
        one = treasury(tmp_path, day_tokens=100)
        assert reserve(one, 1, 100) is None
        with sqlite3.connect(tmp_path / "spend.db") as database:
            database.execute("DROP TABLE total")
        one.settle(Reserved(1, 1, 100, 0.0), Spent(1, 0, 0.0))
        one.close()
        assert stands(tmp_path, ceilings(day_tokens=100)) == (0, 100)
        treasury(tmp_path, day_tokens=100).close()
        assert stands(tmp_path, ceilings(day_tokens=100)) == (100, 0)
