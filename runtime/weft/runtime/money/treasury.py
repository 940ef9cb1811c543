"""The ledger of a user: what all runs on this machine have spent and may spend, and ceilings over all of them.

It is a database in the user's own folder, which processes share. What a request may cost stands there before it leaves,
and counts until it is settled; of a process that was killed, at its worst for good, for nobody knows what came of it.
What holds within one run is `budget`; which ceilings there are, `beyond`; who spent what, `spending`.
"""

from __future__ import annotations

import logging
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from weft.primitives.lost import Spent
from weft.runtime.clock import Clock
from weft.runtime.errors import RuntimeFailure
from weft.runtime.journal.events import Reserved
from weft.runtime.money.beyond import NO_CEILINGS, Beyond, Standing, local_now
from weft.runtime.money.limits import Amount
from weft.runtime.money.owners import Owner, gone
from weft.runtime.request import AgentRequest
from weft.runtime.settings import OFFLINE, is_local
from weft.runtime.working import waiting

__all__ = ["AUTHOR", "LedgerFailure", "Treasury", "failing", "opened", "standings"]

LOG = logging.getLogger(__name__)

AUTHOR = "author"
"""The phase under which writing a harness is booked."""
BUSY_S = 10.0
"""How long to wait for other processes, each of which takes milliseconds."""
SHORTEST_WAIT, LONGEST_WAIT = 0.05, 1.0
"""Seconds after which it is looked whether other runs have left room."""
MOST = 2**62
"""What the database can hold of units: some four million dollars."""

TABLES = """
CREATE TABLE IF NOT EXISTS spent (
    day TEXT, project TEXT, run TEXT, model TEXT, phase TEXT,
    input INTEGER NOT NULL, output INTEGER NOT NULL, units INTEGER NOT NULL, unsettled INTEGER NOT NULL,
    PRIMARY KEY (day, project, run, model, phase)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reserved (
    id INTEGER PRIMARY KEY AUTOINCREMENT, owner TEXT NOT NULL,
    day TEXT, project TEXT, run TEXT, model TEXT, phase TEXT, tokens INTEGER NOT NULL, units INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS total (
    scope TEXT PRIMARY KEY, tokens INTEGER NOT NULL, units INTEGER NOT NULL
) WITHOUT ROWID;
"""
GUARDED = 1
"""In `user_version`, once any run had a ceiling over all: from then on each request stands there before it leaves."""

Key = tuple[str, str, str, str, str]
"""Day, project, run, model and phase."""


class LedgerFailure(RuntimeFailure):
    """The ledger of the user cannot be read or written."""


def opened(path: Path, *, make: bool = True) -> sqlite3.Connection | None:
    """Open the ledger, and make it where it is not there; or return nothing, where it is not to be made.

    Raises:
        LedgerFailure: that does not work.
    """
    if not make and not path.is_file():
        return None
    with failing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(path, isolation_level=None, timeout=BUSY_S)
        database.execute("PRAGMA journal_mode = WAL")
        # A kill loses nothing. After a power cut the newest may be missing; journals have it, and resumes book it.
        database.execute("PRAGMA synchronous = NORMAL")
        database.executescript(TABLES)
    return database


@contextmanager
def failing(path: Path) -> Iterator[None]:
    """Say it in our words where the ledger cannot be used in the block.

    Raises:
        LedgerFailure: it cannot.
    """
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise _failure(path, error) from None


def _failure(path: Path, error: Exception) -> LedgerFailure:
    return LedgerFailure(
        f"the ledger of all runs cannot be used: {error}",
        where=str(path),
        meaning="no request may leave that nobody counts under the ceilings over all runs",
        fix="check the disk's space and the file's permissions; a damaged ledger can be moved away, and begins anew",
    )


class Treasury:
    """What one run, or the author of a harness, spends, on record beside that of all others."""

    def __init__(
        self,
        path: Path,
        clock: Clock,
        beyond: Beyond = NO_CEILINGS,
        now: Callable[[], datetime] = local_now,
        *,
        others: bool = False,
    ) -> None:
        """Prepare to spend.

        Args:
            path: Where the ledger is.
            clock: What to wait by.
            beyond: The ceilings over all runs, which may be none.
            now: Tells the time of day, by which days begin.
            others: Whether agents are answered by others than our models, who say only afterwards what they cost.
        """
        self.path = path
        self._others = others
        self.beyond = beyond
        self._project = ""
        self._run = ""
        self._clock = clock
        self._now = now
        self._database: sqlite3.Connection | None = None
        self._owner: Owner | None = None
        self._rows: dict[Reserved, int] = {}
        """Of what is reserved, by its row."""
        self._of: dict[int, tuple[str, str]] = {}
        """The model and the phase of each agent."""
        self._unwritten: defaultdict[Key, Spent] = defaultdict(Spent)
        self._through = bool(beyond.rules)
        """Whether all is written at once; else when the run has ended."""

    # ------------------------------------------------------------------------------------------ whose it is

    def attend(self, project: Path, run: str = "", spent: Spent | None = None, *, resumed: bool = False) -> None:
        """Begin to spend for a run of a project, of which so much is spent already; or for the author of a harness.

        What an author has spent is the run's from here on. What a run that is resumed has spent is booked as far as it
        is not: it may have been recorded by its journal alone.

        Raises:
            LedgerFailure: there are ceilings, and the ledger cannot be used.
        """
        self._run = run
        self._project = str(project.resolve())
        if not self._through and not self.path.is_file():
            self._book(("", "" if resumed else AUTHOR), spent or Spent())
            return
        with self._tolerant(), self._writing() as database:
            if self.beyond.rules:
                database.execute(f"PRAGMA user_version = {GUARDED}")
            self._through = self._through or database.execute("PRAGMA user_version").fetchone()[0] == GUARDED
            self._write_off(database)
            if run and spent is not None:
                self._take_over(database, spent, resumed=resumed)

    def enrol(self, request: AgentRequest) -> None:
        """Note for whom an agent works."""
        self._of[request.id] = (request.model, request.phase or "")

    def asks(self, number: int, model: str) -> None:
        """Note which model a call asks from here on; what is reserved stays with the one that it was reserved for."""
        self._of[number] = (model, self._key(number)[4])

    def _book(self, of: tuple[str, str], spent: Spent) -> None:
        if spent.tokens or spent.usd:
            self._unwritten[(self._today(), self._project, self._run, *of)] += spent

    def _take_over(self, database: sqlite3.Connection, spent: Spent, *, resumed: bool) -> None:
        """Let what is spent of this run stand as its own: the author's part, and what is not on record."""
        known = database.execute(
            "SELECT COALESCE(SUM(input + output), 0), COALESCE(SUM(units), 0) FROM spent WHERE project = ? AND run = ?",
            (self._project, self._run),
        ).fetchone()
        missing = Amount.cost(spent.tokens, spent.usd) - Amount(*known)
        if not resumed:
            for day, model, phase, put_in, put_out, units in database.execute(
                "SELECT day, model, phase, input, output, units FROM spent WHERE project = ? AND run = '' "
                "ORDER BY day DESC",
                (self._project,),
            ).fetchall():
                if Amount(put_in + put_out, units).fits(missing):
                    database.execute(
                        "UPDATE spent SET run = ? WHERE project = ? AND run = '' AND day = ? AND model = ? "
                        "AND phase = ?",
                        (self._run, self._project, day, model, phase),
                    )
                    missing -= Amount(put_in + put_out, units)
        missing = missing.or_nothing()
        if missing.tokens or missing.units:
            key = (self._today(), self._project, self._run, "", "" if resumed else AUTHOR)
            _spend(database, key, int(missing.tokens), 0, int(missing.units))

    # ------------------------------------------------------------------------------------------ spending

    async def reserve(self, wanted: Reserved, cost: Amount) -> str | None:
        """Set aside what a request can cost at most, or return why no ceiling will ever leave room for it.

        It waits while requests in flight, of whichever run, may still leave room.

        Raises:
            LedgerFailure: there are ceilings, and it cannot be recorded.
        """
        if not self._through:
            return None
        lack = self._tried(wanted, cost)
        if lack is None or lack.hopeless:
            return None if lack is None else lack.text
        async with waiting("budget", f"requests of all runs in flight may leave room under {lack.name}"):
            pause = SHORTEST_WAIT
            while lack is not None and not lack.hopeless:
                await self._clock.sleep(pause)
                pause = min(2 * pause, LONGEST_WAIT)
                lack = self._tried(wanted, cost)
        return None if lack is None else lack.text

    def used_up(self, agent: int) -> str | None:
        """Return why an agent need not begin, whatever is in flight; one that costs nothing may all the same."""
        model = self._of.get(agent, ("", ""))[0]
        free = not self._others and (model == OFFLINE or is_local(model))
        if free or not self.beyond.rules:
            return None
        lack = None
        with self._tolerant(), self._writing() as database:
            for standing in standings(database, self.beyond, self._project, self._now()):
                unit = Amount(0, 1) if standing.rule.unit == "usd" else Amount(1)
                lack = lack or (standing.wanting(unit) if standing.wanting(unit).hopeless else None)
        return None if lack is None else lack.text

    def fits(self, cost: Amount) -> bool:
        """Whether so much more could be set aside right now."""
        if not self.beyond.rules:
            return True
        with self._tolerant(), self._writing() as database:
            return self._lack(database, cost) is None
        return True

    def _tried(self, wanted: Reserved, cost: Amount) -> Standing | None:
        with self._tolerant(), self._writing() as database:
            lack = self._lack(database, cost)
            if lack is not None:
                self._write_off(database)  # so that nobody waits for those that are no more
                return lack if lack.hopeless else self._lack(database, cost)
            self._owner = self._owner or Owner(self.path.with_suffix(".owners"))
            key = self._key(wanted.agent)
            row = database.execute(
                "INSERT INTO reserved (owner, day, project, run, model, phase, tokens, units) VALUES (?,?,?,?,?,?,?,?)",
                (self._owner.name, *key, int(cost.tokens), _held(cost.units)),
            ).lastrowid
            assert row is not None
            self._rows[wanted] = row
        return None

    def settle(self, wanted: Reserved, spent: Spent) -> None:
        """Replace what was set aside by what the request has cost."""
        row = self._rows.pop(wanted, None)
        if row is None:
            self.charge(wanted.agent, spent)
            return
        with self._tolerant(strict=False), self._writing() as database:  # else it counts at its worst, which holds
            found = database.execute(
                "DELETE FROM reserved WHERE id = ? RETURNING day, project, run, model, phase", (row,)
            ).fetchone()
            if found is not None:
                _spend(database, found, spent.input_tokens, spent.output_tokens, _units(spent.usd))

    def charge(self, agent: int, spent: Spent) -> None:
        """Count a cost that was not set aside."""
        if not (spent.tokens or spent.usd):
            return
        if not self._through:
            self._book(self._key(agent)[3:], spent)
            return
        with self._tolerant(strict=False), self._writing() as database:
            _spend(database, self._key(agent), spent.input_tokens, spent.output_tokens, _units(spent.usd))

    def close(self) -> None:
        """Write what is not written, and let go of the ledger; what is still set aside counts at its worst."""
        try:
            if self._unwritten:
                with self._tolerant(strict=False), self._writing() as database:
                    for key, spent in self._unwritten.items():
                        _spend(database, key, spent.input_tokens, spent.output_tokens, _units(spent.usd))
                self._unwritten.clear()
        finally:
            if self._owner is not None:
                self._owner.leave()
            if self._database is not None:
                self._database.close()
            self._database = self._owner = None

    def _lack(self, database: sqlite3.Connection, cost: Amount) -> Standing | None:
        """Return the first ceiling that has no room for a cost, a hopeless one before others."""
        short = [
            standing.wanting(cost)
            for standing in standings(database, self.beyond, self._project, self._now())
            if not standing.holds(cost)
        ]
        return min(short, key=lambda standing: not standing.hopeless, default=None)

    # ------------------------------------------------------------------------------------------ the database

    def _today(self) -> str:
        return self._now().date().isoformat()

    def _key(self, agent: int) -> Key:
        model, phase = self._of.get(agent, ("", "" if self._run else AUTHOR))
        return (self._today(), self._project, self._run, model, phase)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Give the ledger to this process alone, for a moment.

        Raises:
            LedgerFailure: it cannot be used, and is as it was.
        """
        if self._database is None:
            self._database = opened(self.path)
        assert self._database is not None
        with failing(self.path):
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    @contextmanager
    def _tolerant(self, *, strict: bool = True) -> Iterator[None]:
        """Let a run without ceilings over all go on where the ledger cannot be used, and so what only tells of it."""
        try:
            yield
        except LedgerFailure as failure:
            if strict and self.beyond.rules:
                raise
            LOG.warning("%s (%s); weft spend will lack some of this run", failure.what, failure.where)
            if not self.beyond.rules:
                self._through = False

    def _write_off(self, database: sqlite3.Connection) -> None:
        """Count what processes have set aside that are no more as spent."""
        owners = [owner for (owner,) in database.execute("SELECT DISTINCT owner FROM reserved").fetchall()]
        for owner in owners:
            if (self._owner is None or owner != self._owner.name) and gone(self.path.with_suffix(".owners"), owner):
                for *key, tokens, units in database.execute(
                    "DELETE FROM reserved WHERE owner = ? RETURNING day, project, run, model, phase, tokens, units",
                    (owner,),
                ).fetchall():
                    _spend(database, (key[0], key[1], key[2], key[3], key[4]), tokens, 0, units, unsettled=units)


def standings(database: sqlite3.Connection, beyond: Beyond, project: str, now: datetime) -> list[Standing]:
    """Return how each ceiling stands for a project at a time."""
    found, day = [], now.date().isoformat()
    for rule in beyond.rules:
        total = "SELECT tokens, units FROM total WHERE scope = ?"
        spent = database.execute(total, (rule.scope(day, project),)).fetchone() or (0, 0)
        where, of = rule.where(day, project)
        sums = f"SELECT COALESCE(SUM(tokens), 0), COALESCE(SUM(units), 0) FROM reserved WHERE {where}"
        held = database.execute(sums, of).fetchone()
        found.append(Standing(rule, Amount(*spent), Amount(*held), now))
    return found


def _spend(
    database: sqlite3.Connection, key: Key, put_in: int, put_out: int, units: int, *, unsettled: int = 0
) -> None:
    if not (put_in or put_out or units):
        return
    database.execute(
        "INSERT INTO spent VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET input = input + excluded.input, "
        "output = output + excluded.output, units = units + excluded.units, unsettled = unsettled + excluded.unsettled",
        (*key, put_in, put_out, units, unsettled),
    )
    for scope in (f"day:{key[0]}", f"project:{key[1]}", "user:"):
        database.execute(
            "INSERT INTO total VALUES (?,?,?) ON CONFLICT DO UPDATE SET tokens = tokens + excluded.tokens, "
            "units = units + excluded.units",
            (scope, put_in + put_out, units),
        )


def _units(usd: float) -> int:
    return _held(Amount.cost(0, usd).units)


def _held(units: float) -> int:
    return int(min(units, MOST))
