"""What is kept of saved harnesses: versions, recorded answers that they are tested with, a record of how they did.

shelf      where it lies, and what is written there
saving     a harness gets its name, or a new version
setting    what arguments are by default, written into the text
cassette   the recorded answers of a run
playing    a harness executed over a cassette, and how its result differs
lines      a cassette as a file
record     how the runs of a harness went
archive    all of it in one file, to be handed on
finding    which saved harnesses are for a task like this one
"""
