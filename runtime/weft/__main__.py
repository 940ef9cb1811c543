"""`python -m weft`: the same as the command `weft`."""

from weft.runtime.cli import main

main()
