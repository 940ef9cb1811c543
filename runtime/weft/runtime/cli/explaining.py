"""`weft run HARNESS --help`: what a harness does, and its arguments with types, defaults and an example of a call."""

from __future__ import annotations

import ast
import json
import shlex
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from weft.primitives.language import ENTRY
from weft.primitives.language.parsing import parse
from weft.runtime.cli.arguments import kind_of, option_for, option_name
from weft.runtime.cli.files import some_documents
from weft.runtime.plain import on_one_line, plain
from weft.runtime.project.filled import FILES, offered, takes_files
from weft.runtime.project.shipped import demo_of, is_builtin, shelves

if TYPE_CHECKING:
    from weft.runtime.project.harness import Harness

__all__ = ["HarnessCommand"]

KINDS = {"string": "TEXT", "integer": "N", "number": "NUMBER", "boolean": "", "array": "JSON"}
"""What stands for a value of a type; JSON for all others."""


LIMITS = (("minimum", "maximum", ""), ("minItems", "maxItems", " values"), ("minLength", "maxLength", " letters"))
"""Keywords that say how much there may be of a value, at least and at most, and of what."""


class HarnessCommand(click.Command):
    """A command whose options after the name of a harness are that harness's, and so is its help then."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep the words, for `--help` is answered before they are read."""
        ctx.meta["words"] = list(args)
        return super().parse_args(ctx, args)

    def get_help(self, ctx: click.Context) -> str:
        """Return the help of the harness that is named, or of the command where none is."""
        from weft.runtime.cli.targets import find_target
        from weft.runtime.project.folders import Project

        named, _, _ = self.make_parser(ctx).parse_args(args=ctx.meta["words"])
        target = named.get("target")
        found = find_target(target, Project(Path.cwd())) if isinstance(target, str) and target.strip() else None
        if found is None:
            return super().get_help(ctx)
        folders = [Path(folder) for folder in named.get("folders") or ["."]]
        text = _harness_help(found[0], f"{ctx.command_path} {shlex.quote(str(target))}", folders, ctx)
        return text if found[1] is not None else text + _history(found[0].name, ctx)


def _history(name: str, ctx: click.Context) -> str:
    """Return how the runs of a saved harness went, and how many versions of it there are."""
    from weft.runtime.errors import JournalError
    from weft.runtime.keeping.record import track_of
    from weft.runtime.keeping.shelf import Shelf
    from weft.runtime.project.folders import Project
    from weft.runtime.views.keeping import track_rows

    project = Project(Path.cwd())
    saved = next((one for one in project.harnesses() if one.name == name), None)
    track = None if saved is None else track_of(project, saved)
    if saved is None or track is None:
        return ""
    rows = track_rows(track) if track.runs else []
    if saved.path is not None:
        try:
            latest = Shelf.of(project, name).kept().latest
        except JournalError as error:
            rows.append(("versions", error.what))
        else:
            rows += [("versions", f"{latest.number}; weft list {name} shows them")] if latest is not None else []
    if not rows:
        return ""
    formatter = ctx.make_formatter()
    with formatter.section("History"):
        formatter.write_dl([(label, on_one_line(text)) for label, text in rows])
    return "\n\n" + plain(formatter.getvalue().rstrip())


def _harness_help(harness: Harness, called: str, folders: list[Path], ctx: click.Context) -> str:
    formatter = ctx.make_formatter()
    formatter.write_usage(on_one_line(called), "[ARGUMENTS] [OPTIONS]")
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(harness.task or "It has no docstring that says what it is for.")
    schema = harness.args_schema or {}
    properties = offered(schema)
    required = schema.get("required", [])
    if properties:
        with formatter.section("Arguments of this harness"):
            rows = (_row(name, properties, name in required) for name in properties)
            formatter.write_dl([(on_one_line(option), on_one_line(" ".join(facts.split()))) for option, facts in rows])
    elif harness.args_schema is None:
        read = ", ".join(_read_names(harness)) or "nothing that can be told from its text"
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(
                f"It declares no ARGS, so they are given whole, as JSON. Of them it reads: {on_one_line(read)}."
            )
    with formatter.section("Example"):
        formatter.write(f"  {on_one_line(_example(harness, called, folders))}\n")
        if demo_of(harness) is not None:
            formatter.write(f"  weft run {harness.name} --demo\n")
    if is_builtin(harness):
        formatter.write_paragraph()
        offline = harness.name in shelves().offline
        formatter.write_text("It works offline too, without a model." if offline else "It needs a model.")
    formatter.write_paragraph()
    formatter.write_text(f"{ctx.command_path} --help lists the options of every run, such as --dir and --budget.")
    return plain(formatter.getvalue().rstrip())


def _read_names(harness: Harness) -> list[str]:
    """Return the entries that a harness reads of its arguments by their names, in order."""
    tree = parse(harness.source)
    main = next(node for node in tree.body if isinstance(node, ast.AsyncFunctionDef) and node.name == ENTRY)
    own = {argument.arg for argument in main.args.args}
    found: dict[str, None] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str() as entry)) if name in own:
                found[entry] = None
            case ast.Call(func=ast.Attribute(ast.Name(id=name), "get"), args=[ast.Constant(value=str() as entry), *_]):
                found |= {entry: None} if name in own else {}
    return list(found)


def _row(name: str, properties: dict[str, Any], required: bool) -> tuple[str, str]:
    """Return the option for a property, and what there is to know of it."""
    schema = properties[name]
    kind, option = kind_of(schema), option_for(name, properties)
    off = option_for(name, properties, on=False)
    if option is None:
        option = f"{name} (only in --args)" if off is None else f"{off} (on only in --args)"
    elif kind == "boolean":
        option += f" / {off}" if off else " (off only in --args)"
    elif kind == "array":
        option += f" {_placeholder(schema.get('items', {}))}..."
    else:
        option += f" {_placeholder(schema)}"
    return option, " ".join(_facts(name, schema if isinstance(schema, dict) else {}, required))


def _placeholder(schema: Any) -> str:
    return KINDS.get(kind_of(schema), "JSON")


def _facts(name: str, schema: dict[str, Any], required: bool) -> Iterator[str]:
    """Yield sentences about one property."""
    if schema.get("description"):
        yield str(schema["description"]).rstrip(".") + "."
    if name == FILES and takes_files({"properties": {name: schema}}):
        yield "Files, folders or @LIST; without it, the files in --dir."
    elif required:
        yield "Required."
    if "enum" in schema:
        yield f"One of {', '.join(map(_shown, schema['enum']))}."
    for low, high, what in LIMITS:
        if low in schema and high in schema:
            yield f"{schema[low]:,} to {schema[high]:,}{what}."
        elif low in schema or high in schema:
            yield f"At {f'least {schema[low]:,}' if low in schema else f'most {schema[high]:,}'}{what}."
    if "default" in schema:
        yield f"Default: {_shown(schema['default'])}."
    if schema.get("examples"):
        examples = ", ".join(map(_shown, schema["examples"][:3]))
        yield f"Such as {examples}" + "." * (not examples.endswith((".", "?", "!")))


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _example(harness: Harness, called: str, folders: list[Path]) -> str:
    """Return a whole command: with what is required, and files that are there."""
    schema = harness.args_schema
    if schema is None:
        files = _some_files(folders, 1)
        some = {name: files if name == FILES else "…" for name in _read_names(harness)}
        return f"{called} --args {shlex.quote(json.dumps(some, ensure_ascii=False))}"
    properties = schema.get("properties", {})
    given: dict[str, Any] = {}
    for name, declared in properties.items():
        if name == FILES and takes_files(schema):
            given[name] = _some_files(folders, declared.get("minItems", 1))
        elif name in schema.get("required", []):
            given[name] = _fitting(name, declared)
    words = [word for name, value in given.items() for word in _words(name, value, properties)]
    if any(option_for(name, properties) is None for name in given):
        words = ["--args", json.dumps(given, ensure_ascii=False)]
    where = [word for folder in folders if folder != Path() for word in ("--dir", str(folder))]
    return " ".join([called, shlex.join([*words, *where])]).strip()


def _some_files(folders: list[Path], fewest: int) -> list[str]:
    """Return documents that are there, or what stands for them where there are too few."""
    wanted = max(1, fewest)
    found = [*islice(some_documents(folders), max(2, wanted))]
    return found if len(found) >= wanted else ["FILE", *(f"FILE{number}" for number in range(2, wanted + 1))]


def _fitting(name: str, schema: Any) -> Any:
    """Return a value for a property that fits, or its name in capitals where anything does."""
    import anyio

    from weft.runtime.agents.examples import smallest

    schema = schema if isinstance(schema, dict) else {}
    stated = [*schema.get("examples", []), *([schema["default"]] if "default" in schema else [])]
    try:
        value = stated[0] if stated else anyio.run(smallest, schema)
    except ValueError:  # nothing was found that fits
        value = name.upper()
    free = kind_of(schema) == "string" and not stated and not {"enum", "const", "pattern"} & {*schema}
    return name.upper() if free else value


def _words(name: str, value: Any, properties: dict[str, Any]) -> list[str]:
    """Return a property as an option."""
    kind, option = kind_of(properties[name]), option_name(name)
    if kind == "boolean":
        return [option if value else f"--no-{option[2:]}"]
    return [option, *map(_shown, value or [name.upper()])] if kind == "array" else [option, _shown(value)]
