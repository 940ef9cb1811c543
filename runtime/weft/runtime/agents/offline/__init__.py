"""The model that needs no key and no network: it answers from the user's own files by their words, and invents none.

It is `model.offline_model`. What is known of words stands alone in `lexicon`, which needs nothing else.
"""
