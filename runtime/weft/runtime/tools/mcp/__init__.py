"""Servers of the Model Context Protocol, whose tools agents and harnesses may call: strangers, held to limits.

server    one server for a run: started when it is first needed, asked, started once more where it ended
speaking  a server that is a process: its messages, each bounded, and its end with all that it has started
fetching  a server that is an address: what it may answer
standing  how it stands with one, as its transport sees it
vetting   what it answers, before the SDK reads it
telling   what an agent is told of an answer
"""
