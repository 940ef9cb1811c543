"""What a run can teach once it is over: read off its journal alone, for nothing.

weaving    the calls of an execution, and which of them waited for which
critical   which calls decided how long it took, and what they were waiting for
joins      how long branches that were done waited for the others of their fan-out
streaming  how long it would have taken had a fan-out not waited for the whole of the one before: a simulation
votes      what each further vote on claims has changed, and cost
rounds     what each further round of loops has found, and cost
repricing  what the same tokens would have cost on other models
recounting another harness executed over the recorded answers
analysis   all of it that needs nothing but the journal
"""
