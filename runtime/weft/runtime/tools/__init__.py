"""What agents may do, and what harnesses may look up: each tool stated once, and who may call it.

tool        what a tool is, and what one call of it knows
built_in    those that Weft brings
registry    all tools of a run, by their names
allowed     what a person has granted, as in `write_file:src/**`
toolbox     the tools of one agent: checked, timed, noted, bounded
paging      what comes from elsewhere, marked as data and in pages
folders     which files can be seen; `reading` does so for agents, `lookup` for harnesses, and `writing` changes them
running     commands, executed and kept apart by `contained`
spawning    other agents, and saved harnesses, that answer for an agent
fetching    pages of the web: `addresses` says what is asked for, `connecting` where that may lead, `pages` how it reads
"""
