"""What a report says, in each format; suppressions; fixes; and that it is the same in every process."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from command import WEFT
from fixtures import FOLDER, fixtures
from rich.cells import cell_len

from weft.linter import (
    FORMATS,
    RULES,
    Edit,
    Finding,
    Fix,
    Rule,
    fix,
    lint,
    render,
    render_all,
    report_lines,
    unreadable,
)
from weft.linter.facts import Facts

BAD = """\
import time
from weft.primitives import agent, parallel
ARGS = {"properties": {"names": {"type": "array"}}}
async def main(args):
    names = set(args["names"])
    return await parallel([agent(f"Look at {name}") for name in names])
"""


class TestText:
    def test_a_finding_shows_its_line_why_and_what_to_write(self) -> None:
        text = render(lint(BAD), BAD, "bad.py", "text")
        assert "error[D402] set-order-reaches-agent:" in text
        assert "--> bad.py:6:" in text
        assert '6 |     return await parallel([agent(f"Look at {name}") for name in names])' in text
        assert "= why: " in text
        assert "= fix: " in text
        assert "bad.py: 2 errors\nagents: at most len(args.names)" in text

    def test_clean(self) -> None:
        source = "async def main(args):\n    return await agent('x')"
        assert render(lint(source), source, "a.py", "text") == (
            "a.py: clean\nagents: at most 1      tokens: at most 8,001\n  1        line 2    agent\n"
        )

    def test_control_characters_are_shown_and_not_obeyed(self) -> None:
        source = "import os  # \x1b[31m\nasync def main(args): return '\x9b'\n"
        text = render_all([("a\x1b.py", source, lint(source))], "text")
        assert not set(text) & {"\x1b", "\x9b"}


class TestData:
    def test_json_has_the_fields_that_scripts_rely_on(self) -> None:
        data = json.loads(render(lint(BAD), BAD, "bad.py", "json"))
        assert set(data) == {"diagnostics", "bound"}
        assert {"agents", "expr", "terms", "reasons"} <= set(data["bound"])
        for one in data["diagnostics"]:
            assert {"code", "name", "severity", "line", "column", "end_line", "end_column", "message"} <= set(one)

    def test_every_format_gives_the_same_place(self) -> None:
        """Lines and columns count from 1; the edits of a fix are in the same columns."""
        shown = {form: render(lint(BAD), BAD, "bad.py", form) for form in ("text", "json", "github")}
        assert re.findall(r"bad.py:(\d+):(\d+)", shown["text"]) == [("1", "1"), ("6", "65")]
        assert re.findall(r"line=(\d+),.*?col=(\d+)", shown["github"]) == [("1", "1"), ("6", "65")]
        data = json.loads(shown["json"])["diagnostics"]
        assert [(one["line"], one["column"]) for one in data] == [(1, 1), (6, 65)]
        assert [(edit["column"], edit["end_column"]) for edit in data[1]["fix"]["edits"]] == [(65, 65), (70, 70)]

    def test_github_and_sarif_place_each_finding(self) -> None:
        report = lint(BAD)
        annotations = render(report, BAD, "bad.py", "github").splitlines()
        sarif = json.loads(render(report, BAD, "bad.py", "sarif"))["runs"][0]
        assert len(annotations) == len(report.findings) == len(sarif["results"])
        assert annotations[0].startswith("::error file=bad.py,line=1,")
        declared = {rule["id"] for rule in sarif["tool"]["driver"]["rules"]}
        assert {result["ruleId"] for result in sarif["results"]} <= declared

    @pytest.mark.slow
    def test_sarif_is_valid(self) -> None:
        """By the schema that is published with the standard."""
        schema = json.loads((FOLDER / "sarif-2.1.0.json").read_text(encoding="utf-8"))
        some = {code: fixture.source for fixture in fixtures() for _, code in fixture.expected}
        checked = [(f"a b/é%/{n}.py", source, lint(source)) for n, source in enumerate(some.values())]
        shown = json.loads(render_all([*checked, ("/gone.py", "", unreadable("it is gone"))], "sarif"))
        jsonschema.Draft4Validator(schema).validate(shown)
        (run,) = shown["runs"]
        assert len(run["results"]) == 1 + sum(len(report.findings) for _, _, report in checked)
        uris = [one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"]]
        assert all(re.fullmatch(r"a%20b/%C3%A9%25/\d+\.py", uri) for uri in uris[:-1])
        assert uris[-1] == "file:///gone.py"

    def test_an_annotation_is_one_line_whatever_is_in_it(self) -> None:
        source = "async def main(args):\n    return await agent('x', **{'a%0A\\n::error::': 1}, scheme=2)\n"
        report = lint(source)
        shown = render(report, source, "a,b:c\n.py", "github")
        assert len(shown.splitlines()) == len(report.findings) > 0
        assert "file=a%2Cb%3Ac%0A.py,line=2," in shown

    def test_a_model_is_told_at_most_ten_findings_worst_first(self) -> None:
        source = "async def main(args):\n" + "    agent('x')\n" * 14 + "    return 1\n"
        lines = render(lint(source), source, "h.py", "model").splitlines()
        assert sum(line.startswith("line ") for line in lines) == 10
        assert "4 more after these." in lines
        assert lines[-1].startswith("  ") or "agents" in lines[-1]

    def test_an_unknown_format_is_refused(self) -> None:
        with pytest.raises(ValueError, match="text, json"):
            render(lint(BAD), BAD, "bad.py", "yaml")

    @pytest.mark.slow
    def test_the_same_bytes_in_every_process(self, tmp_path: Path) -> None:
        file = tmp_path / "all.py"
        file.write_text("\n".join(fixture.source for fixture in fixtures()[::40]), encoding="utf-8")
        code = (
            "from weft.linter import *; source = open('all.py').read(); report = lint(source); "
            "print(*(render(report, source, 'all.py', form) for form in FORMATS), sep='\\0')"
        )
        one, other = (
            subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, env=environment, check=True)
            for environment in ({"PYTHONHASHSEED": seed, "PYTHONUTF8": "1"} for seed in "12")
        )
        assert one.stdout == other.stdout
        forms = one.stdout.split(b"\0")
        assert len(forms) == len(FORMATS) and all(len(form) > 1000 for form in forms)

    @pytest.mark.slow
    def test_check_prints_what_is_rendered(self, tmp_path: Path) -> None:
        (tmp_path / "bad.py").write_text(BAD)
        done = subprocess.run([WEFT, "check", "bad.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (1, render(lint(BAD), BAD, "bad.py", "text"))


class TestSuppression:
    LOOP = """
async def main(args):
    out = []
    for x in args["xs"]:
        out.append(await agent(f"{x}"))  {comment}
    return out
"""

    def codes(self, comment: str) -> list[str]:
        return [one.code for one in lint(self.LOOP.replace("{comment}", comment)).findings]

    def test_with_a_reason(self) -> None:
        assert self.codes("") == ["B103"]
        assert self.codes("# weft: ok[B103] the service takes one call at a time") == []

    def test_without_a_reason_it_hides_nothing(self) -> None:
        assert sorted(self.codes("# weft: ok[B103]")) == ["B103", "W001"]

    def test_one_that_names_no_rule_hides_nothing(self) -> None:
        assert sorted(self.codes("# weft: ok")) == ["B103", "W001"]
        assert sorted(self.codes("# weft: ok[] it is fine")) == ["B103", "W001"]
        assert self.codes("# weft: okay") == ["B103"]

    def test_one_that_hides_nothing_is_found(self) -> None:
        assert sorted(self.codes("# weft: ok[D401] no clock here")) == ["B103", "W001"]

    def test_of_a_guess_it_is_idle_only_where_guesses_are_wanted(self) -> None:
        source = self.LOOP.replace("{comment}", "# weft: ok[B103, M201] the service takes one call at a time")
        assert lint(source).findings == ()
        assert [one.code for one in lint(source, guesses=True).findings] == ["W001"]

    @pytest.mark.parametrize("code", ["S501", "S502", "S503", "L201", "L202", "L203", "L206", "L208"])
    def test_what_endangers_the_host_or_the_money_cannot_be(self, code: str) -> None:
        rule = next(rule for rule in RULES if rule.code == code)
        assert not rule.suppressible
        source = "import os  # weft: ok[S501] I know\nasync def main(args): return 1\n"
        assert sorted(one.code for one in lint(source).findings) == ["S501", "W001"]


class TestProblems:
    @pytest.mark.parametrize(
        ("source", "code", "line"),
        [
            ("x = (\n", "E001", 1),
            ("def main(args): return 1", "E002", 1),
            ("x = 1", "E002", 1),
            ("async def main(): return 1", "E002", 1),
            ("ARGS = make()\nasync def main(args): return 1", "E003", 1),
            ("x = '" + "y" * 600_000 + "'", "E004", 1),
            ("x = " + "(" * 500 + ")" * 500, "E001", 1),
            ("\x00", "E001", 1),
            ("async def main(args):\n    return missing", "E005", 2),
        ],
    )
    def test_what_is_no_harness(self, source: str, code: str, line: int) -> None:
        report = lint(source)
        assert (code, line) in [(one.code, one.line) for one in report.errors]


class TestByteOrderMark:
    """Some editors put one before the text; it belongs to no line."""

    def test_the_file_is_the_same_without_it(self) -> None:
        assert lint("\ufeff" + BAD) == lint(BAD)
        assert render(lint(BAD), "\ufeff" + BAD, "bad.py", "text") == render(lint(BAD), BAD, "bad.py", "text")

    def test_fixing_keeps_it(self) -> None:
        assert fix("\ufeff" + BAD) == "\ufeff" + fix(BAD)


class TestFix:
    def test_safe_fixes_are_applied_and_nothing_else(self) -> None:
        fixed = fix(BAD)
        assert "sorted(names)" in fixed
        assert "import time" in fixed  # no safe fix
        assert [one.code for one in lint(fixed).findings if one.code == "D402"] == []

    def test_a_finding_is_mended_behind_which_another_was_hidden(self) -> None:
        asked = 'rows = await parallel([agent("x", schema={"type": "object"}), agent("y", schema={"type": "object"})])'
        used = ["total = sum(len(row) for row in rows)", "return [total, max(rows, key=lambda row: len(row))]"]
        source = "\n    ".join(["async def main(args):", asked, *used]) + "\n"
        fixed = fix(source)
        assert "sum(len(row) for row in rows if row is not None)" in fixed
        assert [(one.code, one.line) for one in lint(fixed).errors] == [("R701", 4)]


class TestMending:
    """Edits of rules made for the test, since what matters is how they are applied."""

    @staticmethod
    def find(monkeypatch: pytest.MonkeyPatch, *fixes: tuple[str, str, str]) -> None:
        """Let the linter find each text, with a fix of a safety that writes another in its place."""

        class Found(Rule):
            code, name, severity, message, why = "X001", "found", "warning", "It is there.", "None."

            def check(self, facts: Facts) -> Iterator[Finding]:
                for safety, old, new in fixes:
                    for number, line in enumerate(facts.positions.lines, start=1):
                        at = line.find(old)
                        if at >= 0:
                            edit = Edit(number, at, number, at + len(old), new)
                            one = self.found(facts, facts.tree, fix=Fix(safety, new, (edit,)))  # type: ignore[arg-type]
                            yield replace(one, line=number, column=at)

        monkeypatch.setattr(sys.modules["weft.linter.lint"], "RULES", (Found(),))

    def mended(self, body: str, *, unsafe: bool = False) -> str:
        head = "async def main(args):\n    return "
        done = fix(f"{head}{body}\n", unsafe=unsafe)
        return done.removeprefix(head).removesuffix("\n")

    def test_unsafe_ones_only_when_asked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.find(monkeypatch, ("safe", "aaa", "1"), ("unsafe", "bbb", "2"), ("suggestion", "ccc", "3"))
        assert self.mended("[aaa, bbb, ccc]") == "[1, bbb, ccc]"
        assert self.mended("[aaa, bbb, ccc]", unsafe=True) == "[1, 2, ccc]"

    def test_readings_of_the_budget_as_they_were_get_their_unit(self) -> None:
        before = "[budget.total, budget.spent(), f'{budget.remaining()}', f\"{budget.total}\"]"
        after = """[budget.total("tokens"), budget.spent("tokens"), f'{budget.remaining("tokens")}', """
        after += """f"{budget.total('tokens')}"]"""
        assert self.mended(before) == after

    def test_of_a_run_in_an_earlier_language_is_said_what_is_true_of_it(self) -> None:
        """There is no writing it so that both are content: its budget cannot be called with a unit."""
        source = "BUDGET = 5\nasync def main(args):\n    return [BUDGET, budget.total, await agent('x')]\n"
        assert lint(source, language=1).findings == ()
        assert [one.code for one in lint(source).findings] == ["E008", "R714"]

    def test_those_that_overlap_take_turns(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.find(monkeypatch, ("safe", "aaa", "1"), ("safe", "aaa, bbb", "2"), ("safe", "bbb", "3"))
        assert self.mended("[aaa, bbb]") == "[1, 3]"

    def test_one_that_breaks_the_file_is_left_out_and_the_others_are_not(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.find(monkeypatch, ("safe", "aaa", "(("), ("safe", "bbb", "2"))
        assert self.mended("['aaa', aaa, bbb]".replace("aaa,", "0,")) == "['((', 0, 2]"
        assert self.mended("[args, aaa, bbb]".replace("args", "0")) == "[0, aaa, 2]"

    def test_more_than_there_are_rounds(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.find(monkeypatch, ("safe", "aaa", "1"))
        lines = "[\n" + "    args['aaa'],\n" * 80 + "]"
        assert self.mended(lines) == lines.replace("aaa", "1")

    def test_two_that_undo_each_other_come_to_an_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.find(monkeypatch, ("safe", "aaa", "bbb"), ("safe", "bbb", "aaa"))
        assert self.mended("['aaa']") == "['aaa']"

    def test_what_is_written_has_the_line_endings_of_the_file(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.find(monkeypatch, ("safe", "aaa", "1,\n2"))
        source = "async def main(args):\r\n    return ['é', aaa]\r\n"
        assert fix("\ufeff" + source) == "\ufeff" + source.replace("aaa", "1,\r\n2")


@pytest.mark.parametrize("width", [30, 60, 200, None])
@pytest.mark.parametrize("before", ["", "日本 = '項目'; ", "x = 'a long text that goes on and on and on and on'; "])
def test_the_frame_points_at_what_is_meant_at_every_width(before: str, width: int | None) -> None:
    source = f"async def main(args):\n    {before}now = open('f'); return 'and what comes after it'\n"
    lines = list(report_lines("h.py", source, lint(source), width))
    rows = ["".join(text for text, _ in line) for line in lines]
    (code, pointer) = next(
        (row, rows[number + 1]) for number, row in enumerate(rows) if row.startswith("2 | ") and "^" in rows[number + 1]
    )
    begin, size = pointer.index("^"), pointer.count("^")
    assert cut(code, begin, size).startswith("open")
    assert width is None or cell_len(code) <= width


def cut(row: str, begin: int, size: int) -> str:
    """Return what stands in so many columns of a terminal from a certain one on."""
    starts = [cell_len(row[:number]) for number in range(len(row))]
    return "".join(character for character, at in zip(row, starts, strict=True) if begin <= at < begin + size)


def test_the_parts_of_a_report_are_its_text() -> None:
    source = "import os\nasync def main(args):\n    return os.getcwd()\n"
    report = lint(source)
    rows = ["".join(text for text, _ in line) for line in report_lines("h.py", source, report)]
    assert "\n".join(rows) + "\n" == render(report, source, "h.py", "text")
    assert {role for line in report_lines("h.py", source, report) for _, role in line} >= {"lost", "dim", "strong"}


@pytest.mark.parametrize(("language", "codes"), [(1, []), (2, ["V807", "R714"])])
def test_what_was_right_in_the_language_of_a_run_is_no_defect(language: int, codes: list[str]) -> None:
    source = """async def main(args):
    verdict = await verify("The cache is shared")
    return [verdict["independence"] < 0.5, budget.remaining() > 9]
"""
    assert [one.code for one in lint(source, language=language).findings] == codes
