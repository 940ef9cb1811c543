"""One connection to the database for everybody."""

import core.errors


def connect(): ...


def transaction(): ...
