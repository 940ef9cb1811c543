"""parcelwatch: poll carriers, notify customers, answer the shop."""
import logging
import time

import mailer
from carriers import CARRIERS
from store import Store

POLL_SECONDS = 300          # pause between two rounds over all open parcels
CARRIER_TIMEOUT = 8         # seconds we wait for one answer of a carrier
MAIL_ATTEMPTS = 4           # we give a mail up after this many tries
MAIL_PAUSE = 30             # seconds between two tries

log = logging.getLogger("parcelwatch")


def send(parcel, text):
    """Mail the customer; when the mail server refuses, try again after a pause.

    Up to MAIL_ATTEMPTS tries in all.
    """
    for _ in range(MAIL_ATTEMPTS):
        if mailer.deliver(parcel.email, text):
            return True
        time.sleep(MAIL_PAUSE)
    log.error("mail for %s given up", parcel.id)
    return False


def round_trip(store):
    """Look once at every open parcel."""
    for parcel in store.open_parcels():
        state = CARRIERS[parcel.carrier].ask(parcel.id, timeout=CARRIER_TIMEOUT)
        if state != parcel.state:
            store.set_state(parcel.id, state)
            send(parcel, f"Your parcel is now: {state}")


def health(request):
    """Answer 'ok'. Served to anybody, with or without the key, since the monitor has none."""
    return 200, "ok"


def run(path):
    store = Store(path)
    while True:
        round_trip(store)
        time.sleep(POLL_SECONDS)
