"""What functions do that the analysis knows by name: built-ins, pure modules, and the primitives of the language.

`functions` finds the one that is meant; each other module holds those of one subject.
"""
