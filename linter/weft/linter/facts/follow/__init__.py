"""What each construct of Python does to what is known: expressions, statements, calls, loops.

`machine` holds where the analysis is; `statements` and `expressions` are the tables that it follows, and `repeat` is
how all that happens several times is followed.
"""
