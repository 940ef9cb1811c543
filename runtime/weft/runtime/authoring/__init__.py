"""From a task in words to a harness with a plan: `author` has a model write it, `plan` checks and prices it."""
