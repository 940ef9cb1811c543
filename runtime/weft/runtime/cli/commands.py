"""The list of commands, and `weft --help`, which is printed without loading the library that reads options."""

from __future__ import annotations

__all__ = ["COMMANDS", "help_text"]

COMMANDS = {
    "run": ("make", "run", "run a TASK in words, a harness FILE.py, or a saved harness by NAME"),
    "plan": ("make", "plan", "write a harness for a TASK, show what it would do and cost"),
    "rehearse": ("rehearsing", "rehearse", "run a harness many times with simulated agents, for nothing"),
    "list": ("listing", "listing", "list what can be run by its name, and what it is for"),
    "profiles": ("profiling", "profiles", "list the profiles that agents can go by"),
    "save": ("saving", "save", "keep a run or a harness under a name, with its recorded answers"),
    "test": ("keeping", "test", "execute a saved harness over its recorded answers, for nothing"),
    "rm": ("keeping", "remove", "remove a saved harness and all that is kept of it"),
    "export": ("exporting", "export", "write a saved harness, or a run, into one file for others"),
    "import": ("keeping", "bring", "take in a saved harness from such a file"),
    "check": ("check", "check", "find defects in harnesses, prove how many agents they can start"),
    "rule": ("check", "rule", "explain a kind of finding"),
    "lsp": ("check", "lsp", "check harnesses in an editor: a language server"),
    "runs": ("look", "runs", "list the runs of this project, oldest first"),
    "spend": ("spend", "spend", "tell who spent what, and what is left of ceilings over all runs"),
    "show": ("look", "show", "show a run as a tree, or one agent with its prompt and result"),
    "analyse": ("analyse", "analyse", "say what decided how long a run took, and what it cost"),
    "findings": ("look", "findings", "list what the harness of a run has found so far"),
    "logs": ("look", "logs", "print what happened in a run, and what happens"),
    "watch": ("look", "watch", "watch a run on the whole screen"),
    "search": ("look", "search", "find what was said in a run: prompts, answers, transcripts"),
    "pause": ("steer", "pause", "pause a run that goes on"),
    "continue": ("steer", "go_on", "let a paused run go on"),
    "stop": ("steer", "stop", "stop a run, or one agent of it"),
    "retry": ("steer", "retry", "ask the agents again that a run has lost so far"),
    "budget": ("steer", "budget", "raise or lower the ceiling of a run"),
    "limits": ("steer", "limits", "change how many agents of a run may be at work"),
    "answer": ("steer", "answer", "answer a question of a run that goes on"),
    "resume": ("again", "resume", "go on with a run that was stopped, paused, killed or lost agents"),
    "why": ("again", "why", "say why an agent was asked again"),
    "diff": ("again", "diff", "compare two runs"),
    "replay": ("look", "replay", "execute a run again against its journal: no model, no spend"),
    "merge": ("merging", "merge", "apply what agents have changed in worktrees of their own"),
    "clean": ("merging", "clean", "remove what killed runs have left of worktrees"),
    "tools": ("tooling", "tools", "list what agents can be given to do, and what of it is granted"),
    "tune": ("tune", "tune", "try other words for the prompts of a harness on examples"),
    "serve": ("serve", "serve", "show runs in a browser, and tell them to programs over HTTP"),
    "mcp": ("integrating", "mcp", "let another agent plan, run and steer: an MCP server"),
    "skill": ("integrating", "skill", "tell agents that write code how to use weft"),
    "doctor": ("doctor", "doctor", "tell what this machine offers a run"),
}
"""Each command: its module in this package, its name there, and what it is for."""


def help_text() -> str:
    """Return what `weft --help` prints."""
    listed = "\n".join(f"  {name:<9} {purpose}" for name, (_, _, purpose) in COMMANDS.items())
    return f"""\
Usage: weft COMMAND [OPTIONS] [ARGS]...

  Run dynamic workflows: a task in words becomes a harness that is checked,
  priced, run and remembered.

Commands:
{listed}

Options:
  --version   Show the version and exit.
  -h, --help  Show this message and exit; after a command, what it takes."""
