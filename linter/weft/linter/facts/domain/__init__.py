"""The abstract domain: what is known of values and at one point of a harness, and how two such states are joined.

Amounts are symbolic numbers, marks are provenance (taint), `Lack` is nullability, a `Birth` is an allocation site, and
`growth` finds the fixpoint of a loop from one round of it. Nothing here follows code.
"""
