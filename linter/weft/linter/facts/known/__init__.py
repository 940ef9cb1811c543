"""What functions do that the analysis knows by name: built-ins, pure modules, and the primitives of the language."""
