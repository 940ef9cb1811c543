"""What version 1 of the language said otherwise than version 2.

| module | what was otherwise |
|---|---|
| `verifying` | `verify`: a majority let a claim survive that a skeptic refuted; there was no third outcome |
"""
