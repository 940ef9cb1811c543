"""Signs users in and out."""

import store.db
import core.errors


def sign_in(): ...


def sign_out(): ...
