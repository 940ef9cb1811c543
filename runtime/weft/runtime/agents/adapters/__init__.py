"""Agents of others made to answer as ours: programs of the command line, graphs of LangGraph, plain functions.

Each is an `async (AgentRequest) -> AgentReply`. What it is told in words is `asking`; who answers whom, `route`. When
it is asked, how often, and what it may cost is the run's business, as for all agents.
"""
