"""What people see: pure functions from the folded state of a run, or from a plan, to text and data."""
