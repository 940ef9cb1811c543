"""Fetch the readings of all meters and put them in the database.

Timestamps arrive in local time. They are turned into UTC here, and
UTC is what the table `reading` holds.
"""
import datetime as dt
import json
import pathlib
import time
import urllib.request

import config

RAW = pathlib.Path("/srv/heat/raw")


def fetch(meter_id):
    """Return the readings of one meter, energy in kWh."""
    req = urllib.request.Request(
        f"{config.API_URL}/meters/{meter_id}",
        headers={"Authorization": "Bearer " + config.API_TOKEN},
    )
    for attempt in range(config.RETRIES + 1):
        try:
            with urllib.request.urlopen(req, timeout=config.TIMEOUT_S) as r:
                return json.load(r)["readings"]
        except OSError:
            if attempt == config.RETRIES:
                raise
            time.sleep(30)  # wait half a minute between attempts


def to_utc(text):
    return dt.datetime.fromisoformat(text).astimezone(dt.timezone.utc)


def save_raw(meter_id, rows):
    # One file per meter and day; a second run on the same day writes it again.
    name = f"{meter_id}-{dt.date.today():%Y%m%d}.json"
    (RAW / name).write_text(json.dumps(rows))
