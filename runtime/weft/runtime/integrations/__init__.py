"""Weft for other programs: agents that speak MCP, tests, and agents that write code.

mcp_server      what an agent may ask of Weft over MCP
calling         how a tool is called over MCP: its arguments, its errors, word that it goes on
granted         what a person has granted to such a server, and how much of its ceiling is left
commands        the commands of weft that it starts, as processes that outlive it
recorded        the runs that a test names which executes harnesses over recorded answers; its fixture is `pytest_weft`
skill           what an agent that writes code is told of Weft
"""
