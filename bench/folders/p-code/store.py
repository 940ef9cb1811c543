"""Stores the water levels in a SQLite file."""
import time

SECONDS_PER_DAY = 86400


def save(db, gauge_id, level):
    """Save one reading. The water level is stored in millimetres."""
    db.execute(
        "INSERT INTO readings (gauge, level, taken) VALUES (?, ?, ?)",
        (gauge_id, level, int(time.time())),
    )


def clean_up(db):
    """Delete the stored readings that are older than 90 days.

    The service calls this function once a night.
    """
    limit = int(time.time()) - 90 * SECONDS_PER_DAY
    db.execute("DELETE FROM readings WHERE taken < ?", (limit,))
