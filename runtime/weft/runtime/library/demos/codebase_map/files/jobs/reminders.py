"""Reminds people of what they owe."""

import store.db


def run(): ...
