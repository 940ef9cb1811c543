"""Trials: a harness played through on paper, on answers that are made up, to compare what would come of them.

`symbols` is what a trial does not know, `code` what runs in it, `expressions`, `statements` and `operations` what
Python does, `natives` and `primitives` what functions do that are known by name, `playing` one trial, `worlds` several
that differ in what voters answer, `outcomes`, `deciding` and `naming` the comparison. Nothing of the harness is
executed: each step is one of this package. What rules make of it is in `rules`.
"""
