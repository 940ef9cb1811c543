"""Settings of the heat meter pipeline (Kallio housing association)."""
import os

# The head-end of the meter company.
API_URL = "https://meters.vantaalog.example/v2"

# There is no fallback: without the token the program stops at once.
API_TOKEN = os.environ["METER_TOKEN"]

# PostgreSQL on the cellar machine.
DB_HOST = "kellari"
DB_PORT = 5433
DB_NAME = "heat"

# Raw JSON files are kept this long, then cleanup.py removes them.
RAW_KEEP_DAYS = 90

# Log files are a different matter.
LOG_KEEP_DAYS = 14

# Give up on a request after this many seconds.
TIMEOUT_S = 20

# How often a failed request is tried again.
RETRIES = 3

# 64 flats, two stairwells (A and B), one meter in each flat.
FLATS = 64
