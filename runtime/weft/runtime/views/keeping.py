"""What is kept of saved harnesses, for people and as JSON data: what tests come to, versions, how runs went."""

from __future__ import annotations

from typing import Any

from weft.runtime.errors import JournalError
from weft.runtime.keeping.playing import Played
from weft.runtime.keeping.record import Track
from weft.runtime.keeping.shelf import Kept, Version
from weft.runtime.page import Block, Table, indented, line
from weft.runtime.plain import plain
from weft.runtime.views.difference import difference_object, results_page

__all__ = ["broken_page", "played_object", "played_page", "track_line", "track_rows", "versions_page"]

MOST_NAMED = 5
"""How many calls are named that a cassette has no answer to."""


def played_page(played: Played) -> list[Block]:
    """Return whether a harness came to what is recorded, and where not."""
    name, started = played.cassette.name, played.cassette.started
    count = f"{len(played.cassette.state.agents)} recorded agents"
    if played.passed:
        return [line(("same    ", "ok"), f" {plain(name)}   {count}, of {started.now[:10]}", hang=9)]
    page: list[Block] = [line(("differs ", "lost"), f" {plain(name)}   {count}, of {started.now[:10]}", hang=9)]
    if played.problem is not None:
        page.append(line("  ", plain(played.problem), hang=4))
    fields = _changed(played)
    for called in played.missing[:MOST_NAMED]:
        changed = f"   {', '.join(fields[called.id])}" if fields.get(called.id) else ""
        page.append(line("  ", ("not recorded: ", "warning"), f"{_called(called)}{changed}", hang=4))
    if len(played.missing) > MOST_NAMED:
        page.append(f"  and {len(played.missing) - MOST_NAMED} more calls that are not recorded")
    if played.difference is None:
        return page
    before, now = played.difference.before, played.difference.now
    if (before.outcome, before.health) != (now.outcome, now.health):
        page.append(line(f"  {before.outcome}, {before.health} → {now.outcome}, {now.health}", hang=4))
    if now.ended is not None and now.ended.problem is not None:
        at = f" (line {now.ended.problem.line})" if now.ended.problem.line else ""
        page.append(line("  ", (plain(f"{now.ended.problem.message}{at}"), "lost"), hang=4))
        return page
    return page + indented(results_page(played.difference), 2)


def _changed(played: Played) -> dict[int, tuple[str, ...]]:
    """Return by the number of a call what is different about it than in its place then."""
    pairs = played.difference.changed if played.difference is not None else ()
    return {pair.now.id: pair.fields for pair in pairs if pair.now is not None and pair.before is not None}


def _called(called: Any) -> str:
    request = getattr(called, "request", None)
    what = plain(request.name if request is not None else f"workflow {called.name!r}")
    return f"{what}   line {called.line}"


def broken_page(error: JournalError) -> list[Block]:
    """Return that a cassette cannot be used, and why."""
    return [
        line(("broken  ", "lost"), f" {plain(error.where or '')}", hang=9),
        line("  ", plain(error.what), hang=4),
    ]


def played_object(played: Played) -> dict[str, Any]:
    """Return the same as JSON data."""
    return {
        "cassette": played.cassette.name,
        "run": played.cassette.started.run,
        "passed": played.passed,
        "problem": played.problem,
        "not_recorded": [
            {"call": called.id, "line": called.line, "name": _called(called).partition("   line ")[0]}
            for called in played.missing
        ],
        "difference": None if played.difference is None else difference_object(played.difference),
    }


def versions_page(kept: Kept, digest: str | None) -> list[Block]:
    """Return the versions of a harness, the latest first; the one that is there now is marked."""
    current = kept.of(digest) if digest is not None else None
    rows = tuple(_row(version, version is current) for version in reversed(kept.versions))
    page: list[Block] = [Table(rows)] if rows else []
    if digest is not None and kept.versions and current is None:
        edited = f"  sha256:{digest[:12]}  edited by hand since it was saved"
        page.insert(0, line(("now", "warning"), edited))
    return page


def _row(version: Version, current: bool) -> tuple[Any, ...]:
    cassettes = len(version.cassettes)
    tested = f"{cassettes} cassette{'s' * (cassettes != 1)}" if cassettes else "no cassette"
    return (
        line(("now", "ok") if current else ""),
        line(f"@{version.number}"),
        line(plain(version.at[:16].replace("T", " "))),
        line((f"sha256:{version.digest[:12]}", "dim")),
        line(tested),
        line(plain(f"from {version.origin}")),
    )


def track_line(track: Track) -> str:
    """Return in one line how runs went."""
    runs = len(track.runs)
    parts = [f"{runs} run{'s' * (runs != 1)}", f"{track.clean} clean"]
    if track.usd:
        parts.append(f"${track.usd / runs:.4f} a run")
    return ", ".join(parts)


def track_rows(track: Track) -> list[tuple[str, str]]:
    """Return how runs went, name by name."""
    if not track.runs:
        return [("runs", "none so far")]
    rows = [("runs", f"{len(track.runs)}: {track.completed} completed, {track.clean} of them clean")]
    if track.coverage is not None:
        asked = sum(one.asked for one in track.runs)
        rows.append(("answered", f"{track.coverage:.0%} of {asked:,} agents"))
    for what, (count, of) in track.understood.items():
        each = f", ${track.usd / count:.4f} for each" if count and track.usd else ""
        rows.append(("understood", f"{count:,} of {of:,} {what}{each}"))
    if track.usd:
        answer = track.usd_per_answer
        more = f", ${answer:.4f} an answer" if answer is not None else ""
        rows.append(("cost", f"${track.usd / len(track.runs):.4f} a run{more}"))
    if track.lost:
        rows.append(("lost", ", ".join(f"{cause} ×{count}" for cause, count in track.lost.most_common())))
    latest = track.runs[-1]
    rows.append(("latest", f"{latest.run}: {latest.outcome}, {latest.health}"))
    return rows
