"""Brings the tables up to date, by hand."""

import store.db


def main(): ...
