"""What a run will take before it is started: agents, tokens, dollars and minutes, as ranges that say what they rest on.

What one agent takes is first counted without any history (`counting`, `material`, `cold`). What a rehearsed run takes
is the sum over its cells, groups of agents that are alike (`cells`), and over its longest chain (`chains`). Journals of
earlier runs (`history`) say by how much such counts were off (`tree`, `learned`), and `forecast` puts it together.
"""
