"""Starts the server and the nightly jobs."""

import api.orders
import api.users
import jobs.invoices
import jobs.reminders


def main(): ...
