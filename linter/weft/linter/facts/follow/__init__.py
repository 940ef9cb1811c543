"""The abstract interpreter: what each expression, statement, loop and call does to what is known.

`machine` is where it is and what it has noted, `repeat` finds the fixpoint of a loop, `summaries` takes calls over that
were followed before. What functions by name do is next door, in `known`.
"""
