"""Pairs of runs on answers that are related, of which it is known whether their results must differ.

Nobody has to know the right result: that a claim was refuted and that nobody could check it must not read the same,
whatever the harness is for. (Metamorphic testing: Chen, Cheung, Yiu, 1998.) Each pair that comes out wrong is a
`Confused`, with both runs in words. `every` plays them all; each other knows one kind, and `near` what they share.
"""
