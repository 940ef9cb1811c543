"""Reading a file into statements: each with its line, and with what it inherits from the place where it stands.

A statement is a sentence of prose or of a comment, a point of a list, a `key: value` line or the cell of a table. What
it inherits is its context: the title, the headings above it, the line that leads into its list, the heads of its row
and column, the keys above it. What the words of a statement mean is read in `readings`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from weft.runtime.agents.offline.numbers import number_of
from weft.runtime.agents.offline.text import Sentence
from weft.runtime.tools.folders import lines_of

__all__ = ["BETWEEN", "EARLIER", "OF", "about", "sentences"]

BETWEEN = " › "
"""What stands between the parts of a context, the widest first."""

OF = " | "
"""What stands between the name that a document is about and the context of a statement in it."""

EARLIER = "formerly"
"""What a heading is marked with that has a newer edition above it, as in a changelog."""

MOST_LINES = 20_000
LONGEST = 2_000
"""Characters of a line, or of a sentence, that are read."""

SHORT_HEADING = 9
"""How many words a line may have that stands alone and is a heading without a mark."""

CODE = re.compile(
    r"\.(?:py|pyi|js|jsx|ts|tsx|mjs|go|rs|java|kt|c|h|cc|cpp|hpp|cs|rb|sh|bash|zsh|sql|lua|php|swift|r|pl)$"
)
SETTINGS = re.compile(r"\.(?:toml|ini|cfg|conf|env|properties|ya?ml|tf)$|(?:^|/)(?:Dockerfile|Makefile)$")

HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
BOLD_LINE = re.compile(r"^(?:\*\*|__)([^*_]+?):?(?:\*\*|__):?$")
UNDERLINE = re.compile(r"^(?:={3,}|-{3,}|~{3,})$")
RULE = re.compile(r"^[-=*_~+|:\s]{3,}$")
EDITION = re.compile(r"^(?:(?:version|release)\s)?\[?v?\d+\.\d+(?:\.\d+)*\]?(?:\W|$)", re.IGNORECASE)
ITEM = re.compile(r"^(\s*)(?:[-*+•]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+(.*)$")
QUOTE = re.compile(r"^\s*(?:>\s?)+")
KEY = re.compile(r"^(?:\*\*|__)?([A-Za-z][^:.!?|=]{0,48}?)(?:\*\*|__)?\s*:(?:\*\*|__)?\s+(\S.*)$")
META = re.compile(
    r"^(?:from|to|cc|bcc|date|sent|received|author|authors|by|written by|last (?:updated|changed|edited|review(?:ed)?)|"
    r"updated|revised|revision|status|version|document|attendees|present|in attendance|apologies|participants|minutes|"
    r"taken by|minute[- ]taker|chair(?:ed by)?|page|ref|reference|reply-to|message-id|decision date|deciders|tags|id)$",
    re.IGNORECASE,
)
"""Keys that say something of the document itself, not of its matter."""
TOPIC = re.compile(r"^(?:subject|re|title|topic|betreff)$", re.IGNORECASE)
ASSIGNED = re.compile(
    r"^\s*(?:(?:export|const|let|var|static|final|public|private|protected|readonly|val|def|ENV|ARG|set)\s+)*"
    r"(?:[\w<>\[\]]+\s+)?[\"']?([A-Za-z_][\w.-]*)[\"']?\s*(?::\s*[\w\[\], |.]+)?\s*(?::=|=|:)\s*(?![=])(\S.*)$"
)
LITERAL = re.compile(
    r"(?:-?\d[\d_.]*|[\"'].*|true|false|none|null|yes|no)\s*[,;)]?\s*(?:(?:#|//|--|;).*)?$", re.IGNORECASE
)
NAMED_BLOCK = re.compile(
    r"^\s*(?:async\s+)?(?:def|class|func|function|fn|struct|interface|type|module)\s+([A-Za-z_]\w*)"
)
SECTION = re.compile(r"^\s*\[+([^\]]+)\]+\s*$")
PARENT = re.compile(r"^(\s*)(?:-\s+)?[\"']?([A-Za-z_][\w .-]*)[\"']?:\s*$")
COMMENT = re.compile(r"^\s*(?:#+|//+|--+|;+|/\*+|\*+(?!/))\s?(.*?)(?:\*/)?\s*$")
TRAILING = re.compile(r"\s(?:#|//|--)\s+(.+)$")
DOCSTRING = re.compile(r'^\s*[rRfFbBuU]?("""|\'\'\')')

STOP = re.compile(r"[.!?][\"')\]*_]*\s+(?=[\"'(\[*_]*[A-Z0-9])")
ABBREVIATED = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|St|No|Nr|Prof|approx|vs|etc|e\.g|i\.e|cf|incl|max|min|tel|fig|ca)|\b[A-Z])\.$"
)
RUN_IN = re.compile(r"^[*_]*(?!No\b|Not\b|Yes\b|None\b|All\b)[A-Z][^.!?:;,]{2,40}[.?:][*_]*$")
"""A heading that stands at the beginning of its paragraph, as in "Rent. Due on the first"."""
CLOSING = re.compile(
    r"(?:(?:kind|best|warm|many) )?(?:regards|wishes|greetings|thanks)\b|(?:dear|hi|hello|hallo) \w+,?$"
    r"|cheers\b|sincerely\b|yours\b|(?:see|talk to) you\b|signed\b|as of [^,]*$",
    re.IGNORECASE,
)
"""How letters begin and end."""
LEANS_BACK = re.compile(r"^(?:it|they|this|these|that|those|he|she|both|its|their|the same)\b", re.IGNORECASE)


def sentences(source: str, numbered: str) -> list[Sentence]:
    """Return the statements of a file given as lines of `12: text`, in their order."""
    rows = []
    for row in lines_of(numbered)[:MOST_LINES]:
        number, colon, text = row.partition(": ")
        if colon and number.isdigit():
            rows.append((int(number), text[:LONGEST]))
    stem = re.sub(r"[-_.]+", " ", re.sub(r"\.\w+$", "", source.rpartition("/")[2]))
    reader = _Code(source, stem) if CODE.search(source) or SETTINGS.search(source) else _Prose(source, stem)
    return reader.read(rows)


def about(name: str | None, sentence: Sentence) -> Sentence:
    """Return a statement with the name that its document is about, where there is one."""
    return sentence if name is None else replace(sentence, context=f"{name}{OF}{sentence.context}")


@dataclass
class _Reader:
    """What is common to both ways of reading: a paragraph that is being gathered, and the headings above it."""

    source: str
    title: str
    headings: list[tuple[int, str]] = field(default_factory=list)
    leads: list[tuple[int, str]] = field(default_factory=list)
    paragraph: list[tuple[int, str]] = field(default_factory=list)
    found: list[Sentence] = field(default_factory=list)

    def context(self, *more: str) -> str:
        parts = [self.title, *(text for _, text in self.headings), *(text for _, text in self.leads), *more]
        return BETWEEN.join(dict.fromkeys(part for part in map(_plain, parts) if part))

    def add(self, text: str, line: int, *more: str) -> None:
        if not CLOSING.match(text) and any(letter.isalnum() for letter in text):
            self.found.append(Sentence(text.strip(), self.source, line, self.context(*more)))

    def head(self, level: int, text: str) -> None:
        self.headings = [(other, kept) for other, kept in self.headings if other < level] + [(level, text)]
        self.leads = []

    def flush(self) -> None:
        """Part the gathered paragraph into sentences."""
        before = lead = ""
        parts = _split(self.paragraph)
        for index, (text, line) in enumerate(parts):
            if index == 0 and len(parts) > 1 and _runs_in(text):
                lead = text.rstrip(".")
            elif len(text.split()) >= 2 or re.search(r"\d", text) or number_of(text) is not None:
                leaning = _first_words(before) if before and LEANS_BACK.match(text) else ""
                self.add(text, line, lead, leaning)
                before = before if leaning else text
        self.paragraph = []


@dataclass
class _Prose(_Reader):
    """Markdown and plain text."""

    columns: tuple[str, ...] = ()
    fenced = False
    editions: set[int] = field(default_factory=set)
    """Levels of headings under which the newest edition was met: those that follow are older."""

    def read(self, rows: list[tuple[int, str]]) -> list[Sentence]:
        blank = unquoted = True
        for index, (number, raw) in enumerate(rows):
            text = QUOTE.sub("", raw).rstrip()
            if (text == raw.rstrip()) != unquoted:
                self.flush()
                unquoted = not unquoted
            following = QUOTE.sub("", rows[index + 1][1]).strip() if index + 1 < len(rows) else ""
            if text.lstrip().startswith(("```", "~~~")):
                self.flush()
                self.fenced = not self.fenced
            elif self.fenced:
                self.add(text, number)
            elif not text.strip():
                self.flush()
                self.columns = ()
            else:
                self.line(number, text, following, blank)
            blank = not text.strip()
        self.flush()
        return self.found

    def line(self, number: int, text: str, following: str, blank: bool) -> None:
        stripped = text.strip()
        marked = HEADING.match(stripped)
        if marked:
            self.flush()
            self.heading(len(marked[1]), marked[2])
        elif UNDERLINE.match(following) and "|" not in stripped and blank and len(stripped.split()) <= SHORT_HEADING:
            self.flush()
            self.heading(1 if following[0] == "=" else 2, stripped)
        elif stripped.startswith("|") or (self.columns and "|" in stripped):
            self.row(number, stripped, following)
        elif RULE.match(stripped):
            self.flush()
        elif (bold := BOLD_LINE.match(stripped)) is not None:
            self.flush()
            self.heading(5, bold[1])
        elif blank and not following and _is_heading(stripped):
            self.flush()
            self.heading(4, stripped.rstrip(":"))
        elif (item := ITEM.match(text)) is not None:
            self.item(number, len(item[1]), item[2])
        else:
            self.prose(number, text, blank)

    def heading(self, level: int, text: str) -> None:
        if level == 1 and not self.headings:
            self.title = ""
        if EDITION.match(text):
            if level in self.editions:
                text = f"{EARLIER} {text}"
            self.editions.add(level)
        self.head(level, text)

    def item(self, number: int, indent: int, text: str) -> None:
        lead = " ".join(line for _, line in self.paragraph[-3:])
        self.flush()
        self.leads = [(depth, kept) for depth, kept in self.leads if depth < indent or (depth == indent == -1)]
        if lead.endswith(":"):
            self.leads.append((indent - 1, _split([(0, lead)])[-1][0].rstrip(":")))
        self.entry(number, text)

    def prose(self, number: int, text: str, blank: bool) -> None:
        stripped = text.strip()
        if blank and not text.startswith((" ", "\t")):
            self.leads = []
        if KEY.match(stripped) and (not self.paragraph or KEY.match(self.paragraph[0][1])):
            self.flush()
            self.entry(number, stripped)
        else:
            self.paragraph.append((number, stripped))

    def entry(self, number: int, text: str) -> None:
        """Begin a paragraph, unless the text is a key of the document with its value."""
        key = KEY.match(text)
        if key and TOPIC.match(key[1].strip()):
            self.head(1, key[2])
        elif not (key and META.match(key[1].strip())):
            self.paragraph.append((number, text))

    def row(self, number: int, text: str, following: str) -> None:
        self.flush()
        self.leads = []
        cells = [cell.strip() for cell in text.strip("|").split("|")]
        if RULE.match(text):
            return
        if not self.columns and RULE.match(following) and "-" in following:
            self.columns = tuple(cells)
            return
        row_head, head = cells[0], [*self.columns, *("",) * len(cells)]
        for column, cell in enumerate(cells[1:], start=1):
            self.add(cell, number, f"{head[0]} {row_head}: {head[column]}".strip(": "))
        if len(cells) == 1:
            self.add(row_head, number)


@dataclass
class _Code(_Reader):
    """Source code and settings: comments, docstrings, and names that are given a value."""

    comment: str = ""
    quotes: str = ""

    def read(self, rows: list[tuple[int, str]]) -> list[Sentence]:
        for number, text in rows:
            if self.quotes:
                self.docstring(number, text)
            elif (begun := DOCSTRING.match(text)) is not None:
                self.flush()
                self.quotes = begun[1]
                self.docstring(number, text[begun.end() :])
            elif (comment := COMMENT.match(text)) is not None:
                self.remark(number, comment[1].strip())
            else:
                self.statement(number, text)
        self.flush()
        return self.found

    def docstring(self, number: int, text: str) -> None:
        inner, closed, _ = text.partition(self.quotes)
        self.remark(number, inner.strip())
        if closed:
            self.quotes = ""
            self.flush()

    def remark(self, number: int, text: str) -> None:
        item = ITEM.match(text)
        if not text or RULE.match(text):
            self.flush()
        elif item or KEY.match(text):
            self.flush()
            self.paragraph.append((number, item[2] if item else text))
        else:
            self.paragraph.append((number, text))

    def statement(self, number: int, text: str) -> None:
        remark = " ".join(line for _, line in self.paragraph)
        self.flush()
        indent = len(text) - len(text.lstrip())
        self.leads = [(depth, kept) for depth, kept in self.leads if depth < indent or not text.strip()]
        named, section, parent = NAMED_BLOCK.match(text), SECTION.match(text), PARENT.match(text)
        if section:
            self.headings = [(1, section[1])]
        elif named:
            self.leads.append((indent, named[1]))
        elif parent:
            self.leads.append((indent, parent[2]))
        elif (given := ASSIGNED.match(text)) and (SETTINGS.search(self.source) or LITERAL.match(given[2])):
            self.add(text, number, *([remark] if remark else []))
        elif (trailing := TRAILING.search(text)) is not None:
            self.add(trailing[1], number)


def _is_heading(text: str) -> bool:
    words = text.split()
    return len(words) <= SHORT_HEADING and text[-1] not in ".!?,;" and not KEY.match(text) and not text[0].islower()


def _runs_in(text: str) -> bool:
    marked = text.startswith(("**", "__")) or text.isupper()
    return (
        bool(RUN_IN.match(text))
        and number_of(text) is None
        and (marked or (len(text.split()) <= 2 and not LEANS_BACK.match(text + " ")))
    )


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[*_`#]+", " ", text).split())[:200]


def _first_words(text: str) -> str:
    return " ".join(text.split()[:5])


def _split(paragraph: list[tuple[int, str]]) -> list[tuple[str, int]]:
    """Part a paragraph into sentences with the lines on which they begin."""
    text = " ".join(line for _, line in paragraph)
    begins: list[tuple[int, int]] = []
    position = 0
    for number, line in paragraph:
        begins.append((position, number))
        position += len(line) + 1
    return [
        (text[start:end].strip(), next(line for at, line in reversed(begins) if at <= start))
        for start, end in _cuts(text)
    ]


def _cuts(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for stop in STOP.finditer(text):
        end = stop.start() + 1
        if not ABBREVIATED.search(text[max(start, end - 8) : end]):
            yield start, stop.end()
            start = stop.end()
    if text[start:].strip():
        yield start, len(text)
