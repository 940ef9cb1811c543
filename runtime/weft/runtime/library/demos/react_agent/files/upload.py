"""Uploads."""

from settings import SECONDS


def upload(file):
    return send(file, timeout=SECONDS["upload"])
