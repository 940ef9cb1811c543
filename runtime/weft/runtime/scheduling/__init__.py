"""When an agent starts: whether a fan-out may begin, who goes first, how many at a time, and for how long."""
