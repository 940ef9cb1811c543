"""Retries for outgoing requests."""

import time

# Failed carrier requests are retried five times.
CARRIER_RETRIES = 5

# Failed e-mails are retried twice.
EMAIL_RETRIES = 2

# The timeout for sending an e-mail is 20 seconds.
EMAIL_TIMEOUT_SECONDS = 20

# Python 3.12 is fine too and is what we use in production.


def with_retries(action, retries):
    """Call the action again until it succeeds or the retries are used up."""
    for attempt in range(retries + 1):
        try:
            return action()
        except ConnectionError:
            if attempt == retries:
                raise
            time.sleep(1)
