"""Amounts in cents, and taxes."""

import core.errors


class Money: ...


def taxed(): ...
