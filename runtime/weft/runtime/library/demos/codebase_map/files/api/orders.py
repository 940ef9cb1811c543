"""Takes orders over HTTP."""

import core.money
import core.stock
import store.db
import core.errors


def place(): ...


def cancel(): ...
