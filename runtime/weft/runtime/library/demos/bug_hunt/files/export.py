"""Writes readings as CSV, for the spreadsheet of the plant."""

import csv


def write(path, readings):
    """Add the readings to the file, a row each."""
    with open(path, "a", newline="") as file:
        csv.writer(file).writerows(map(row, readings))


def row(reading):
    return [reading.at.isoformat(), f"{reading.value:.3f}"]
