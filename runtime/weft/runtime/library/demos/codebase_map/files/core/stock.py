"""How many pieces of each article are left."""

import store.db
import core.errors


def take(): ...


def put_back(): ...
