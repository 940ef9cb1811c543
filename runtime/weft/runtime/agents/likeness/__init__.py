"""Which texts say the same: by their words (`measure`), or by a model of embeddings; what is alike is in `clusters`.

It serves `semantic_dedup`. No agent is asked, and what is found depends on the texts alone, not on their order.
"""
