"""Rehearsals: many runs of a harness with simulated agents, on a virtual clock, before any money is spent.

rehearse    the way in: search, then pairs, then what broke made small
searching   which runs are played, each chosen by what those before it have shown
playing     one run: the real harness, sandbox and scheduler
manner      how agents behave in it
answering   simulated agents; `choosing` is what they say where a schema leaves a choice
remembering the facts that they tell each other
knowledge   what is plausible: names at hand, and what the harness compares answers with
pairs       two runs on related answers whose results must differ, or must not; `comparing` tells
twists      how their answers differ
shrinking   the smallest case that breaks a harness, and its stub file
report      what has been shown, as data

A statement counts as reached once it was executed in any run; it is counted in the child, see `sandbox.observing`.
"""
