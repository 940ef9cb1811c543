"""Writes last night's invoices."""

import core.money
import store.db


def run(): ...
