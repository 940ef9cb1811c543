"""Run a harness where it can neither hurt nor cheat. Read `protocol` first; what a harness can say is `primitives`."""
