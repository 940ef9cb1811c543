"""Storage of measurements and sending of alarms."""

import datetime

# The history of measurements is kept for 30 days before it is deleted.
KEEP = datetime.timedelta(days=30)

# The log of alarms is kept for 365 days, since the insurer asks for it.
KEEP_ALARMS = datetime.timedelta(days=365)

# The panel session ends after 900 seconds without a click.
SESSION_SECONDS = 900


def send_alarm(message, mailer):
    """Alarms are sent only by e-mail; text messages are not used."""
    mailer.send("duty engineer", message)


def prune(rows, now):
    return [row for row in rows if now - row.when < KEEP]
