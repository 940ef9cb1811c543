"""The commands about what agents have changed in worktrees of their own: `merge` applies it, `clean` forgets it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from weft.runtime.cli.options import json_option
from weft.runtime.cli.output import errors_as_json, print_json, show
from weft.runtime.cli.which import find_run
from weft.runtime.errors import ExitCode

__all__ = ["clean", "merge"]


@click.command()
@click.argument("reference", metavar="RUN")
@click.argument("agents", nargs=-1, metavar="[AGENT]...")
@click.option("--branch", metavar="NAME", help="Into this branch, made where there is none; no file here is touched.")
@click.option("--staged", is_flag=True, help="Leave the changes in the index, as one, instead of a commit each.")
@click.option("--skip", is_flag=True, help="Leave out what does not fit, and go on with the next.")
@click.option("--check", is_flag=True, help="Only tell what would fit.")
@json_option
def merge(
    reference: str,
    agents: tuple[str, ...],
    branch: str | None,
    staged: bool,
    skip: bool,
    check: bool,
    as_json: bool,
) -> None:
    """Apply what agents have changed in worktrees of their own: of those that are named, in that order, or of all.

    AGENT is a number or a label. Each patch becomes a commit, whole or not at all; at the first that does not fit it
    stops, and shows where and who else has changed that. Exit code 1 then, 4 where some were left out with --skip.

    \b
    Examples:
      weft merge @last --check
      weft merge @last 3 fix:parser
    """
    import anyio

    from weft.runtime.errors import UsageError
    from weft.runtime.views.merged import merged_object, merged_page
    from weft.runtime.worktrees.merging import merge as merge_patches
    from weft.runtime.worktrees.recorded import home_of, patches_of

    with errors_as_json(as_json):
        if branch is not None and staged:
            raise UsageError("--staged is for what is checked out, and --branch is not", fix="one of the two")
        folder = find_run(reference)
        state = folder.state()
        patches, home = patches_of(state, agents), home_of(state, Path.cwd())
        merging = partial(merge_patches, branch=branch, staged=staged, skip=skip, check=check)
        merged = anyio.run(merging, home, patches)
    if as_json:
        print_json(merged_object(folder.id, merged, check=check, staged=staged))
    else:
        show(merged_page(merged, check=check, staged=staged))
    if not all(tried.fits for tried in merged.tried):
        raise SystemExit(ExitCode.DEGRADED if skip else ExitCode.ERROR)


@click.command()
@click.argument("references", nargs=-1, metavar="[RUN]...")
@json_option
def clean(references: tuple[str, ...], as_json: bool) -> None:
    """Remove worktrees that killed runs have left; of runs that are named, the branches of their agents too.

    A run that begins does the former anyway. Patches stay in the journal, so that `weft merge` still applies them; a
    branch that has more than the journal stays: somebody has gone on with it, or its patch was too long.
    """
    import anyio

    from weft.runtime.errors import Refused
    from weft.runtime.page import line
    from weft.runtime.plain import plain
    from weft.runtime.project.folders import Project
    from weft.runtime.worktrees.leftovers import sweep
    from weft.runtime.worktrees.recorded import drop_branches

    with errors_as_json(as_json):
        project = Project(Path.cwd())
        folders = [find_run(reference, project) for reference in references]
        alive = [folder.id for folder in folders if folder.alive]
        if alive:
            raise Refused(f"{alive[0]} goes on", meaning="nothing was removed", fix=f"weft stop {alive[0]}")
        swept = sweep(project.trees)
        dropped: list[str] = []
        kept: list[str] = []
        for folder in folders:
            gone, stay = anyio.run(drop_branches, folder, folder.state(), Path.cwd())
            dropped += gone
            kept += stay
    if as_json:
        print_json({"worktrees": swept, "branches": dropped, "kept": kept})
        return
    page = [line(f"removed the worktrees of {plain(run)}, which was killed", hang=2) for run in swept]
    page += [line(f"removed the branch {plain(branch)}", hang=2) for branch in dropped]
    page += [
        line(f"kept the branch {plain(branch)}: it has more than the journal; git branch -D removes it", hang=2)
        for branch in kept
    ]
    show(page or ["nothing is left to remove"])
