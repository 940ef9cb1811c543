"""Executing harnesses: a run and its resume from beginning to end, replay. Start reading at `run`."""
