"""Executing harnesses: a run and its resume from beginning to end, replay, rehearsal. Start reading at `run`."""
