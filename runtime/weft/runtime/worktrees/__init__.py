"""Agents that change files, each in a git worktree of its own, and what becomes of their changes.

git         git as a process: bounded, and without running what a repository's configuration names
base        the commit that all worktrees of a run begin with, and what speaks against having any
trees       makes a worktree for an agent and takes it away again, whatever becomes of the agent
patches     what was changed in one, as a commit, a branch and a patch
leftovers   what killed runs have left
merging     applies patches to a working tree or a branch, each whole or not at all
recorded    the patches that a run has on record
conflicts   where a patch does not fit, and who else has changed the same
"""
