"""Where parcels are kept: one SQLite file.

Rows stay for good. A delivered parcel gets the flag `done` and is then
skipped by the poller, but nothing is ever deleted from the table.
"""
import sqlite3
from collections import namedtuple
from datetime import datetime, timezone

Parcel = namedtuple("Parcel", "id carrier email state")
MAX_ID_LENGTH = 34      # the longest parcel number of any carrier (Vanline)


class Store:
    def __init__(self, path):
        self.db = sqlite3.connect(path)

    def open_parcels(self):
        """Parcels not yet flagged `done`, the oldest first."""
        return map(Parcel._make, self.db.execute(
            "select id, carrier, email, state from parcel "
            "where done = 0 order by created").fetchall())

    def set_state(self, parcel_id, state):
        # timestamps go in as UTC, whatever the zone of the machine
        now = datetime.now(timezone.utc).isoformat()
        self.db.execute(
            "update parcel set state = ?, changed = ?, done = ? where id = ?",
            (state, now, int(state == "delivered"), parcel_id))
        self.db.commit()
