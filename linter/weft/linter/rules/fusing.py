"""Writing one pipeline in place of two fan-outs: what is kept is taken over as it is written."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterable

from weft.linter.facts import Facts
from weft.linter.facts.events import Barrier
from weft.linter.finding import Edit, Fix
from weft.linter.rules.fusible import NotFusible, Pipeline, Stage, fusible
from weft.linter.rules.importing import name_for

__all__ = ["fused"]

_WIDTH = 100


def fused(facts: Facts, barrier: Barrier) -> Fix | None:
    """Return the fix that makes one pipeline of what a barrier parts.

    `None` where it is not shown to change nothing, where a comment would be lost, or where `pipeline` means something
    else in the harness.
    """
    try:
        pipeline = fusible(facts, barrier)
    except NotFusible:
        return None
    edits = _Writer(facts, pipeline).edits()
    return Fix("safe", "Make one pipeline of both.", tuple(edits)) if edits else None


class _Writer:
    """Writes one pipeline."""

    def __init__(self, facts: Facts, pipeline: Pipeline) -> None:
        self.facts, self.pipeline = facts, pipeline
        self.places, self.text = facts.positions, facts.positions.text
        self.items = self.text(pipeline.items)
        self.stages = [self._stage(stage) for stage in pipeline.stages]

    def edits(self) -> list[Edit]:
        """Return what to change; nothing where that is not possible.

        The pipeline stands where the second fan-out stood, or where the first one did if a phase begins in between: it
        then begins after the pipeline, for what follows.
        """
        name, imported = name_for(self.facts, "pipeline")
        second = self.facts.places.statement(self.pipeline.end)
        if name is None or second is None:
            return []
        if self.pipeline.title is None:
            at: ast.expr | ast.stmt = self.pipeline.end
            removed, before = list(self.pipeline.removed), ""
        else:
            at = self.pipeline.start
            removed = [*(one for one in self.pipeline.removed if one is not at), second]
            before = self.places.head(second, self.pipeline.end)
        if self._loses_a_comment([*removed, at]):
            return []
        return [
            self.places.replace(at, before + self._call(name, at)),
            *self._phases(),
            *(self.places.without_lines(one) for one in removed),
            *imported,
        ]

    def _stage(self, stage: Stage) -> str:
        """Return a stage as it is written."""
        if not stage.names:
            return self.text(stage.body)
        tests = [self._condition(test) for test in stage.tests]
        end = f" if {' and '.join(tests)} else None" if tests else ""
        return f"lambda {', '.join(stage.names)}: {self._body(stage.body)}{end}"

    def _condition(self, test: ast.expr) -> str:
        """Return a condition as one of several that must hold."""
        alone = isinstance(test, ast.Name | ast.Subscript | ast.Compare | ast.UnaryOp | ast.Constant)
        return self.text(test) if alone else f"({self.text(test)})"

    def _body(self, body: ast.expr) -> str:
        """Return what a stage does, told its phase if that is an agent of the phase."""
        title = self.pipeline.title
        if title is None or not isinstance(body, ast.Call) or body not in self.pipeline.agents:
            return self.text(body)
        tail = self.places.tail(body, _last(body))
        return f"{self.text(body).removesuffix(tail)}{self._phase(body, title)}{tail}"

    def _phases(self) -> list[Edit]:
        """Return the edits that tell the agents in other functions their phase."""
        title, bodies = self.pipeline.title, {stage.body for stage in self.pipeline.stages}
        if title is None:
            return []
        calls = [call for call in self.pipeline.agents if call not in bodies]
        return [self.places.after(_last(call), self._phase(call, title)) for call in calls]

    def _phase(self, call: ast.Call, title: ast.expr) -> str:
        """Return the argument that names a phase, on a line of its own where the others stand on lines of theirs."""
        last = self.places.lines[self.places.start(_last(call))[0] - 1]
        spread = "\n" in self.places.tail(call, _last(call))
        gap = f"\n{last[: len(last) - len(last.lstrip())]}" if spread else " "
        return f",{gap}phase={self.text(title)}"

    def _call(self, name: str, at: ast.AST) -> str:
        """Return the call, on one line if it fits."""
        line, column = self.places.start(at)
        before = self.places.lines[line - 1]
        indent = before[: len(before) - len(before.lstrip())]
        limit = self.pipeline.limit
        parts = [self.items, *self.stages, *([f"limit={self.text(limit)}"] if limit is not None else [])]
        whole = f"await {name}({', '.join(parts)})"
        if "\n" not in whole and column + len(whole) <= _WIDTH:
            return whole
        deeper = "".join(f"{indent}    {_moved(part, indent + '    ')},\n" for part in parts)
        return f"await {name}(\n{deeper}{indent})"

    def _loses_a_comment(self, gone: Iterable[ast.expr | ast.stmt]) -> bool:
        """Tell whether a comment stands where text is replaced and is not taken over with what it stands in."""
        kept = "\n".join([self.items, *self.stages])
        lines = {line for node in gone for line in range(node.lineno, (node.end_lineno or 0) + 1)}
        tokens = tokenize.generate_tokens(io.StringIO(self.facts.source).readline)
        comments = (token for token in tokens if token.type == tokenize.COMMENT and token.start[0] in lines)
        return any(comment.string not in kept for comment in comments)


def _last(call: ast.Call) -> ast.AST:
    """Return the last argument of a call."""
    return [*call.args, *call.keywords][-1]


def _moved(part: str, indent: str) -> str:
    """Return text over several lines so that its last line begins where the first one does."""
    lines = part.split("\n")
    surplus = len(lines[-1]) - len(lines[-1].lstrip()) - len(indent)
    blank = all(not line[: max(surplus, 0)].strip() for line in lines[1:])
    if len(lines) == 1 or surplus <= 0 or not blank or '"""' in part or "'''" in part:
        return part
    return "\n".join([lines[0], *(line[surplus:] for line in lines[1:])])
