"""The linter in an editor, by the Language Server Protocol 3.17: what it finds, fixes, explains and counts.

Every place is converted to what the client counts in, and compared there; nothing of a file is executed or written.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

from weft.linter import Edit, Finding, Fix, Report, Width, page, page_text
from weft.linter.bound import UNBOUNDED
from weft.linter.positions import lines_of
from weft.primitives.language import MAX_AGENTS
from weft.runtime.cli.linting import lint_here
from weft.runtime.errors import UsageError

__all__ = ["serve"]

_SEVERITIES = {
    "error": lsp.DiagnosticSeverity.Error,
    "warning": lsp.DiagnosticSeverity.Warning,
    "info": lsp.DiagnosticSeverity.Information,
}
_SIGNS = ("weft", "async def main(")
"""An editor sends every Python file that is open. One with neither of these is no harness, and is left alone."""


def serve(*, guesses: bool = False) -> None:
    """Answer an editor on standard input and output until it ends the session; `guesses`: with rules that guess."""
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as output:  # it is closed with the session
        _server(guesses=guesses).start_io(stdout=output)


@dataclass(frozen=True, slots=True)
class _Checked:
    """One open file as it is now, and where things are in it for this client."""

    lines: list[str]
    report: Report
    encoding: lsp.PositionEncodingKind | str

    def position(self, line: int, column: int) -> lsp.Position:
        """Return a place that counts lines from 1 and columns in characters as the client counts."""
        text = self.lines[line - 1][:column] if line <= len(self.lines) else ""
        match self.encoding:
            case lsp.PositionEncodingKind.Utf8:
                column = len(text.encode(errors="surrogatepass"))
            case lsp.PositionEncodingKind.Utf16:
                column = len(text.encode("utf-16-le", errors="surrogatepass")) // 2
            case _:
                column = len(text)
        return lsp.Position(line - 1, column)

    def range(self, place: Finding | Edit) -> lsp.Range:
        """Return the range of a finding or an edit."""
        return lsp.Range(self.position(place.line, place.column), self.position(place.end_line, place.end_column))

    def findings(self, asked: lsp.Range) -> Iterator[Finding]:
        """Yield what was found in a range, or touches it."""
        for finding in self.report.findings:
            found = self.range(finding)
            if found.start <= asked.end and asked.start <= found.end:
                yield finding


class _Files:
    """The files that are open, and what an editor may ask of them."""

    def __init__(self, server: LanguageServer, *, guesses: bool) -> None:
        self._server = server
        self._guesses = guesses
        self._checked: dict[str, _Checked] = {}

    def check(self, uri: str) -> None:
        """Check a file as it is now, and publish what was found."""
        workspace = self._server.workspace
        document = workspace.get_text_document(uri)
        source = document.source
        there = any(sign in source for sign in _SIGNS)
        report = _linted(source, uri, workspace.root_path, guesses=self._guesses) if there else None
        self._checked.pop(uri, None)
        diagnostics: list[lsp.Diagnostic] = []
        if report is not None:
            encoding = workspace.position_encoding or lsp.PositionEncodingKind.Utf16
            self._checked[uri] = file = _Checked(lines_of(source), report, encoding)
            diagnostics = [_diagnostic(uri, file, finding) for finding in report.findings]
        self._publish(uri, diagnostics, document.version)

    def close(self, uri: str) -> None:
        """Forget a file."""
        self._checked.pop(uri, None)
        self._publish(uri, [], None)

    def _publish(self, uri: str, diagnostics: list[lsp.Diagnostic], version: int | None) -> None:
        self._server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, diagnostics, version))

    def actions(self, uri: str, asked: lsp.Range) -> list[lsp.CodeAction]:
        """Return the fixes of what was found in a range."""
        file = self._checked.get(uri)
        found = file.findings(asked) if file else ()
        return [_action(uri, file, one, one.fix) for one in found if file and one.fix and one.fix.edits]

    def hover(self, uri: str, position: lsp.Position) -> lsp.Hover | None:
        """Return what the manual says of what was found at a place."""
        file = self._checked.get(uri)
        at = lsp.Range(position, position)
        pages = [page(code) for code in dict.fromkeys(one.code for one in file.findings(at))] if file else []
        text = "\n---\n\n".join(page_text(one) for one in pages if one)
        return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, text)) if text else None

    def hints(self, uri: str, asked: lsp.Range) -> list[lsp.InlayHint]:
        """Return the widths of the fan-outs in a range."""
        file = self._checked.get(uri)
        all_hints = [_hint(file, width) for width in file.report.widths] if file else []
        return [hint for hint in all_hints if asked.start <= hint.position <= asked.end]


def _server(*, guesses: bool) -> LanguageServer:
    from importlib.metadata import version

    # Whole files: they are small, and line ends are counted here alone.
    server = LanguageServer("weft", version("weft"), text_document_sync_kind=lsp.TextDocumentSyncKind.Full)
    files = _Files(server, guesses=guesses)
    fixes = lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix])

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        files.check(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        files.check(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        files.close(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, fixes)
    def actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        return files.actions(params.text_document.uri, params.range)

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hover(params: lsp.HoverParams) -> lsp.Hover | None:
        return files.hover(params.text_document.uri, params.position)

    @server.feature(lsp.TEXT_DOCUMENT_INLAY_HINT)
    def hints(params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
        return files.hints(params.text_document.uri, params.range)

    return server


def _linted(source: str, uri: str, root: str | None, *, guesses: bool) -> Report:
    """Lint a file as a part of the project that the editor has opened."""
    project = Path(root) if root else Path.cwd()
    try:
        return lint_here(source, uri, project=project, guesses=guesses)
    except UsageError:  # its configuration is just being written, which is no reason to say nothing of this file
        return lint_here(source, uri, MAX_AGENTS, project, guesses=guesses)


def _diagnostic(uri: str, file: _Checked, finding: Finding) -> lsp.Diagnostic:
    instead = f"\n{finding.fix.text}" if finding.fix else ""
    related = [
        lsp.DiagnosticRelatedInformation(
            lsp.Location(uri, lsp.Range(file.position(one.line, 0), file.position(one.line + 1, 0))), one.text
        )
        for one in finding.related
    ]
    return lsp.Diagnostic(
        file.range(finding),
        message=f"{finding.message} {finding.why}{instead}",
        severity=_SEVERITIES[finding.severity],
        code=finding.code,
        source="weft",
        related_information=related or None,
    )


def _action(uri: str, file: _Checked, finding: Finding, fix: Fix) -> lsp.CodeAction:
    note = "" if fix.safety == "safe" else " (may change more)"
    edits = [lsp.TextEdit(file.range(edit), edit.text) for edit in sorted(set(fix.edits))]
    return lsp.CodeAction(
        title=f"{finding.code}: {fix.text}{note}",
        kind=lsp.CodeActionKind.QuickFix,
        diagnostics=[_diagnostic(uri, file, finding)],
        is_preferred=fix.safety == "safe",
        edit=lsp.WorkspaceEdit(changes={uri: edits}),
    )


def _hint(file: _Checked, width: Width) -> lsp.InlayHint:
    most = "" if UNBOUNDED in (width.branches, width.each) else "≤ "
    text = f"{most}{_factor(width.branches)} × {_factor(width.each)} {'agent' if width.each == 1 else 'agents'}"
    return lsp.InlayHint(file.position(width.line, width.column), text, padding_left=True)


def _factor(count: int | str) -> str:
    text = str(count)
    return f"({text})" if "+" in text else text
