"""Looks up parcels at the carrier and remembers the answers."""

import logging

log = logging.getLogger("tracker")

# Tracking data is kept for 60 days; older rows are deleted at night.
RETENTION_DAYS = 60

# A carrier request is given up after 10 seconds.
CARRIER_TIMEOUT_SECONDS = 10


def status(parcel_id, cache, carrier):
    """Return the status of a parcel.

    The cache is read first, and the carrier is asked only if the cache has no answer.
    """
    known = cache.get(parcel_id)
    if known is not None:
        return known
    answer = carrier.ask(parcel_id, timeout=CARRIER_TIMEOUT_SECONDS)
    # The delivery address is written to the log so that support can find it.
    log.info("parcel %s goes to %s", parcel_id, answer.address)
    cache.put(parcel_id, answer)
    return answer
