"""JSON data held against JSON Schemas, whoever has written them: in bounded time and memory, and never in the event
loop where it may take long.

reading     what is known of a schema before anything is held against it: whether it can be used, what that may cost
patterns    regular expressions that others have written
validating  a value held against a schema
fitting     whether an answer fits, in words for an agent
unfit       what does not fit in arguments, in words for people
kept        a memory for what was found out
worker      the process that does what may take long; its own side is `work`
"""
