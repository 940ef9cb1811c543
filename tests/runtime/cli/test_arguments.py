"""Options of a harness on the command line: what they take, and which files they mean."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from command import weft
from hypothesis import given
from hypothesis import strategies as st

from weft.runtime.cli.arguments import as_options, option_for, option_name, read_options
from weft.runtime.cli.make import plan, run

ECHO = '''"""Return what it is given."""

ARGS = {
    "type": "object",
    "required": ["question"],
    "properties": {
        "question": {"type": "string", "examples": ["What is new?"]},
        "files": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 3},
        "numbers": {"type": "array", "items": {"type": "integer"}},
        "loud": {"type": "boolean", "default": False, "description": "Say it twice"},
        "about": {"type": "string", "enum": ["all", "one"]},
        "left_out": {"type": "object"},
    },
}


async def main(args):
    return args
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "echo.py").write_text(ECHO)
    for name in ("a", "b", "c"):
        (tmp_path / "docs").mkdir(exist_ok=True)
        (tmp_path / "docs" / f"{name}.md").write_text(f"# {name}\n")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.c").write_text("int x;\n")
    (tmp_path / "src" / "logo.png").write_bytes(b"\x89PNG\0\0")
    (tmp_path / "src" / ".hidden").write_text("no")
    return tmp_path


def args_of(folder: Path, *words: str) -> Any:
    done = weft(folder, "run", "echo.py", "--question", "q", *words, "--json")
    assert done.code == 0, done.err
    return done.json["result"]


def refused(folder: Path, *words: str) -> dict[str, str]:
    done = weft(folder, "run", "echo.py", "--question", "q", *words, "--json")
    assert (done.code, (folder / ".weft").exists()) == (2, False)
    error: dict[str, str] = done.json["error"]
    return error


def text_of_list(value: Any) -> bool:
    """Whether a value has a text that means a file in a list."""
    return isinstance(value, list) and any(isinstance(text, str) and text.startswith("@") for text in value)


class TestLists:
    @given(st.lists(st.lists(st.text(min_size=1).filter(lambda text: text[0] not in "-@"), min_size=1), min_size=1))
    def test_however_it_is_parted_a_list_is_the_same(self, parts: list[list[str]]) -> None:
        schema = {"properties": {"some_names": {"type": "array"}, "last": {"type": "boolean"}}}
        words = [word for part in parts for word in ("--some-names", *part)]
        read = read_options((*words, "--last"), schema, harness="x")
        assert read == {"some_names": [name for part in parts for name in part], "last": True}

    @given(st.from_regex(r"[a-z]+(_[a-z]+)*", fullmatch=True), st.text())
    def test_any_text_can_be_given_behind_an_equals_sign(self, name: str, text: str) -> None:
        schema = {"properties": {name: {"type": "string"}}}
        assert read_options((f"{option_name(name)}={text}",), schema, harness="x") == {name: text}

    @given(
        st.fixed_dictionaries(
            {},
            optional={
                "a_text": st.text(),
                "texts": st.lists(st.text()),
                "count": st.integers(),
                "counts": st.lists(st.integers()),
                "loud": st.booleans(),
                "more": st.dictionaries(st.text(), st.none() | st.text()),
                "any_of": st.none() | st.text() | st.lists(st.text()),
            },
        )
    )
    def test_what_is_told_as_options_is_read_as_the_same(self, args: dict[str, Any]) -> None:
        kinds = {"a_text": "string", "count": "integer", "loud": "boolean", "more": "object"}
        schema: dict[str, Any] = {"properties": {name: {"type": kind} for name, kind in kinds.items()}}
        schema["properties"] |= {
            "texts": {"type": "array", "items": {"type": "string"}},
            "counts": {"type": "array", "items": {"type": "integer"}},
            "any_of": {"type": ["null", "array"]},
        }
        words = as_options(args, schema)
        if words is None:
            assert any(value == [] or text_of_list(value) for value in args.values())
        else:
            assert read_options(tuple(words), schema, harness="x") == args

    @given(
        st.lists(
            st.sampled_from(["dry_run", "no_dry_run", "no-dry-run", "dry-run", "lint", "a_b", "a-b", "json"]),
            unique=True,
            min_size=1,
        ),
        st.sampled_from(["boolean", "string"]),
        st.booleans(),
    )
    def test_however_it_is_written_an_option_means_one_thing_or_is_refused(
        self, names: list[str], kind: str, on: bool
    ) -> None:
        schema: dict[str, Any] = {"properties": {name: {"type": kind} for name in names}}
        for name in names:
            args = {name: on if kind == "boolean" else "x"}
            words = as_options(args, schema)
            for written in (words or [], [word.replace("-", "_").replace("__", "--", 1) for word in words or []]):
                assert not words or read_options(tuple(written), schema, harness="x") == args

    @pytest.mark.parametrize(
        ("names", "word"),
        [(("a_b", "a-b"), "--a-b"), (("dry_run", "no_dry_run"), "--no-dry-run"), (("x_y", "x-y"), "--no_x_y")],
    )
    def test_what_can_mean_two_things_is_no_option(self, folder: Path, names: tuple[str, str], word: str) -> None:
        properties = ", ".join(f'"{name}": {{"type": "boolean"}}' for name in names)
        schema = f'{{"properties": {{{properties}}}, "required": ["{names[0]}"]}}'
        source = f"ARGS = {schema}\nasync def main(args):\n    return args\n"
        (folder / "two.py").write_text(source)
        done = weft(folder, "run", "two.py", word)
        assert done.code == 2 and all(repr(name) in done.err for name in names) and "only --args" in done.err
        assert "only in --args" in weft(folder, "run", "two.py", "--help").out
        assert weft(folder, "run", "two.py", "--args", json.dumps(dict.fromkeys(names, True))).code == 0

    def test_a_switch_that_is_off_takes_no_value(self, folder: Path) -> None:
        assert "takes no value" in refused(folder, "--no-loud=true")["message"]

    def test_lists_words_and_repeated_options_mix(self, folder: Path) -> None:
        (folder / "list.txt").write_text("docs/b.md\n\n  docs/c.md  \n", encoding="utf-8-sig")
        assert args_of(folder, "--files", "docs/a.md", "@list.txt", "--numbers", "1", "2", "--numbers=-3") == {
            "question": "q",
            "files": ["docs/a.md", "docs/b.md", "docs/c.md"],
            "numbers": [1, 2, -3],
            "loud": False,  # as `ARGS` has it
        }

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["--files"], "--files needs a value"),
            (["--files", "--loud"], "--files needs a value"),
            (["--files", "@none.txt"], "list of --files cannot be read"),
            (["--numbers", "1", "two"], "--numbers takes a whole number, not 'two'"),
            (["--loud", "yes"], "'yes' belongs to no option"),
            (["--fiels", "docs/a.md"], "echo.py has no option --fiels"),
        ],
    )
    def test_what_means_nothing_is_said(self, folder: Path, words: list[str], said: str) -> None:
        assert said in refused(folder, *words)["message"]

    @pytest.mark.parametrize(("wrong", "meant"), [("--fiels", "--files"), ("--bugdet", "--budget")])
    def test_both_kinds_of_options_may_be_meant(self, folder: Path, wrong: str, meant: str) -> None:
        assert f"did you mean {meant}?" in refused(folder, wrong, "x")["fix"]


class TestFiles:
    @pytest.mark.parametrize(
        ("words", "files"),
        [
            (["--files", "docs/a.md", "src/main.c"], ["docs/a.md", "src/main.c"]),
            (["--dir", "docs", "--files", "docs/a.md", "b.md"], ["a.md", "b.md"]),
            (["--dir", "docs", "--dir", "src", "--files", "docs/a.md", "src/main.c"], ["docs/a.md", "src/main.c"]),
            (["--files", "docs"], ["docs/a.md", "docs/b.md", "docs/c.md"]),
            (["--files", "src", "src/main.c"], ["src/main.c"]),
            (["--dir", "docs"], ["a.md", "b.md", "c.md"]),
            (["--dir", "src"], ["main.c"]),
        ],
    )
    def test_they_are_named_as_agents_know_them(self, folder: Path, words: list[str], files: list[str]) -> None:
        assert args_of(folder, *words)["files"] == files

    def test_what_is_left_out_is_said(self, folder: Path) -> None:
        (folder / "docs" / "d.md").write_text("# d\n")
        done = weft(folder, "run", "echo.py", "--question", "q", "--dir", "docs", "--json")
        assert done.json["result"]["files"] == ["a.md", "b.md", "c.md"]
        assert done.json["result"]["left_out"] == {"count": 1, "files": ["d.md"]}
        assert "--files: 3 of the 4 in docs; 1 are left out" in done.err

    def test_what_cannot_be_read_is_left_out_with_why_and_not_clean(self, folder: Path) -> None:
        (folder / "src" / "note.md").write_text("The logo is red.\n")
        words = ("run", "digest", "--question", "What are the main points?", "--dir", "src", "--json")
        done = weft(folder, *words, "--model", "offline", "--yes")
        assert (done.json["outcome"], done.json["health"]) == ("completed", "degraded")
        left_out = done.json["result"]["coverage"]["files_left_out"]
        assert (left_out["count"], left_out["files"]) == (1, ["logo.png"])
        assert "logo.png is not text" in left_out["why"]

    def test_what_git_ignores_is_not_taken_unless_it_is_named(self, folder: Path) -> None:
        import subprocess

        subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
        (folder / ".gitignore").write_text("b.md\n")
        assert args_of(folder, "--dir", "docs")["files"] == ["a.md", "c.md"]
        assert args_of(folder, "--dir", "docs", "--files", "b.md")["files"] == ["b.md"]

    @pytest.mark.parametrize(
        ("words", "said", "advice"),
        [
            (["--files", "docs/aa.md"], "there is no file 'docs/aa.md'", "did you mean docs/a.md?"),
            (["--files", "nothing-like-it"], "there is no file", "a path is looked for"),
            (["--dir", "docs", "--files", "src/main.c"], "outside of every --dir", "--dir docs --dir src"),
            (["--files", "src/logo.png"], "not text", "text files"),
            (["--files", "src/.hidden"], "hidden", "not hidden"),
            (["--files", "docs/a.md", "docs/b.md", "docs/c.md", "src"], "3 files at most, and 4", "fewer"),
        ],
    )
    def test_one_that_agents_cannot_read_is_said(self, folder: Path, words: list[str], said: str, advice: str) -> None:
        error = refused(folder, *words)
        assert said in error["message"] and advice in error["fix"]

    def test_scripted_agents_read_nothing_so_any_name_will_do(self, folder: Path) -> None:
        (folder / "stub.json").write_text("{}")
        assert args_of(folder, "--files", "plan.md", "--agents", "stub:stub.json")["files"] == ["plan.md"]


class TestWhatDoesNotFit:
    """Said in words, before anything else is said of the harness, and of options that people give."""

    def test_the_option_is_named_and_nothing_is_said_of_the_source_before(self, folder: Path) -> None:
        source = ECHO.replace("async def", "from weft.primitives import agent\n\n\nasync def")
        (folder / "echo.py").write_text(source)
        assert "echo.py:" in weft(folder, "check", "echo.py").out
        done = weft(folder, "run", "echo.py", "--about", "none")
        assert (done.code, done.out) == (3, "")
        assert 'where   --about: "none" is none of "all", "one"; --question is missing (such as' in done.err
        assert "echo.py:" not in done.err

    def test_what_is_filled_in_is_not_offered(self, folder: Path) -> None:
        assert "--left-out" not in weft(folder, "run", "echo.py", "--help").out
        assert "--left-out" not in refused(folder, "--fiels", "x")["where"]


class TestHelp:
    def test_it_shows_the_arguments_and_a_command_that_runs(self, folder: Path) -> None:
        done = weft(folder, "run", "echo.py", "--help")
        assert done.code == 0
        for part in ("Return what it is given.", "--files TEXT...", "--loud / --no-loud", "Say it twice.", "1 to 3"):
            assert part in done.out
        assert "One of all, one." in done.out and "Default: false." in done.out and "Required." in done.out
        (example,) = (line for line in done.out.splitlines() if line.startswith("  weft run echo.py --"))
        assert example == "  weft run echo.py --question 'What is new?' --files docs/a.md docs/b.md"
        assert weft(folder, "plan", "echo.py", "-h").out.startswith("Usage: weft plan echo.py")

    def test_its_example_names_documents_that_agents_can_read(self, folder: Path) -> None:
        """Of --dir; code, what is empty or no text, hidden or ignored, is none."""
        for name, data in {
            "all/.notes.md": b"x",
            "all/Makefile": b"x",
            "all/code.py": b"x",
            "all/empty.md": b"",
            "all/picture.md": b"\x89PNG\0\0",
            "all/secret.md": b"x",
            "all/with space.txt": b"x",
            ".gitignore": b"secret.md\n",
        }.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(data)
        subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
        for where, named in (("all", "--files 'all/with space.txt' --dir all"), ("src", "--files FILE --dir src")):
            lines = weft(folder, "run", "echo.py", "--help", "--dir", where).out.splitlines()
            assert f"  weft run echo.py --question 'What is new?' {named}" in lines

    def test_whatever_a_harness_declares_there_is_help(self, folder: Path) -> None:
        """Names that are options of the command, properties that say nothing, and what no value fits."""
        properties = {
            "model": {"type": "string"},
            "any": True,
            "none": {"type": "string", "pattern": "^(?!)"},
            "either": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
            "names": {"type": "array"},
        }
        declared = {"type": "object", "properties": properties, "required": [*properties, "unknown"]}
        (folder / "odd.py").write_text(f"ARGS = {declared!r}\nasync def main(args):\n    return args\n")
        done = weft(folder, "run", "odd.py", "--help")
        assert done.code == 0
        assert "model (only in --args)" in done.out and "it does not say" not in done.out
        assert weft(folder, "run", "echo.py", "--help", "--dir", "nowhere").code == 0

    def test_without_declared_arguments_it_names_those_that_are_read(self, folder: Path) -> None:
        source = 'async def main(args):\n    return [args["files"], args.get("depth", 2), {"a": 1}["a"]]\n'
        (folder / "plain.py").write_text(f'"""Show\x1b[31m red."""\n{source}')
        done = weft(folder, "run", "plain.py", "--help")
        assert "it reads: files, depth." in " ".join(done.out.split()) and "\x1b" not in done.out
        (example,) = (line.strip() for line in done.out.splitlines() if "--args '" in line)
        assert weft(folder, *shlex.split(example)[1:], "--json").json["outcome"] == "completed"

    def test_of_a_task_it_is_that_of_the_command(self, folder: Path) -> None:
        assert weft(folder, "run", "what is new", "--help").out == weft(folder, "run", "--help").out

    def test_of_a_name_that_is_not_there_it_is_that(self, folder: Path) -> None:
        done = weft(folder, "run", "digset", "--help")
        assert done.code == 2 and "did you mean digest?" in done.err


class TestNames:
    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["digset", "--files", "x"], "did you mean digest?"),
            (["summarise", "the", "docs"], 'weft run "summarise the docs" for a task'),
            (["ecko.py"], "did you mean echo.py?"),
            (["@last"], "weft resume @last goes on with it"),
            (["--files", "a.md"], "come after its name"),
            (["what is new", "--bugdet", "3"], "did you mean --budget?"),
        ],
    )
    def test_a_name_that_is_not_here_says_so_before_anything_else(
        self, folder: Path, words: list[str], said: str
    ) -> None:
        done = weft(folder, "run", *words)
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith("error: ") and said in done.err

    def test_a_run_is_no_task(self, folder: Path) -> None:
        run = json.loads(weft(folder, "run", "echo.py", "--question", "q", "--json").out)["run"]
        for reference in (run, f"{run}/1"):
            assert "is a run" in weft(folder, "run", reference).err
        other = "zz" if run[-2:] != "zz" else "yy"
        assert f"did you mean {run}?" in weft(folder, "show", run[:-2] + other).err


def test_what_the_commands_take_for_themselves_is_no_option_of_a_harness() -> None:
    own = {name for command in (run, plan) for param in command.params for name in param.opts if name[:2] == "--"}
    assert {name for name in own if option_for(name[2:], {name[2:]: {}})} == set()


def test_a_file_that_is_too_large_is_not_called_no_text(folder: Path) -> None:
    (folder / "docs" / "c.md").write_text("word " * 2_000_000)
    done = weft(folder, "run", "echo.py", "--question", "q", "--dir", "docs", "--dir", "src")
    assert "c.md has more than" in done.err and "logo.png is not text" in done.err
