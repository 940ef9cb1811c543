"""What agents may do, and what harnesses may look up: each tool stated once, and who may call it.

tool        what a tool is, and what one call of it knows
built_in    those that Weft brings
registry    all tools of a run, by their names
allowed     what a person has granted, as in `write_file:src/**`
toolbox     the tools of one agent: checked, timed, noted, bounded
folders     which files can be seen; `reading` does so for agents, `lookup` for harnesses
"""
