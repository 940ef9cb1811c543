"""What version 1 of the language said otherwise than version 2.

| module | what was otherwise |
|---|---|
| `asking` | `agent`: the lists of an answer did not know whether they came back full |
| `budgeting` | `budget`: readings were in tokens where no unit was written, and `total` was not called |
| `looping` | `until_dry`, `until_target`: a lost round was dry; `while_budget`: the reserve was in tokens |
| `verifying` | `verify`: a majority let a claim survive that a skeptic refuted; there was no third outcome |
"""
