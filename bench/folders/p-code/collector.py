"""Reads the gauges and uploads the water levels."""
import time

# A failed upload is retried three times before it is given up.
UPLOAD_RETRIES = 3

# The read timeout is 30 seconds because old gauges answer slowly.
READ_TIMEOUT_SECONDS = 30


def upload(client, batch):
    """Send one batch and return True when it has arrived."""
    for attempt in range(1 + UPLOAD_RETRIES):
        if client.send(batch, timeout=READ_TIMEOUT_SECONDS):
            return True
        time.sleep(2 ** attempt)
    return False


def read_level(gauge):
    """Ask one gauge for the current water level."""
    return gauge.query("LEVEL")
