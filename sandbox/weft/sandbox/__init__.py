"""Run a harness where it can neither hurt nor cheat. Read `protocol` first; what a harness can say is `primitives`.

The language (what compiled code can say, and what it meets)
    policy, transformer, names      which sources are compiled, and what guards are put into them
    world, guards, classes          the globals such code runs in
    modules, library, hints         what it can import
    facades, text                   the stand-ins for what would lead out
The system (what a process can do)
    confine, system, limiting       limits, Landlock, seccomp
    addresses                       no memory address shows, or decides an order
Executing
    protocol                        all messages, and `Child`: what the host asks of whoever executes
    loop, lines                     the deterministic loop
    execution                       one harness from its start to its last message
    child                           the same in a process, with pipes and timers
    fork_server                     the process that children are forked from
Commands of agents
    contained, namespaces           the program that executes one, and what it is kept from
    watching                        what all that it starts takes, and that it ends
The host's side
    launcher                        starts the server and children
    reader                          believes nothing that a child sends
    process                         takes turns with a child, and tells how it ended
    errors                          what can go wrong with all this
"""
