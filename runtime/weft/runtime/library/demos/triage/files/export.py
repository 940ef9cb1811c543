"""Writes the readings of a day as CSV."""


def of_day(readings, day):
    """Return the readings of a day."""
    return [reading for reading in readings if reading.day < day]
