"""A saved harness as one file, to be handed on: its text, its versions, its cassettes, how its runs went.

It is a ZIP file with a list of what is in it, `manifest.json`, by which one sees whether it is all there. What comes
from elsewhere is not believed: nothing is unpacked that is not on that list, has a name of its own, or is too large.
"""

from __future__ import annotations

import io
import json
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from weft.primitives.errors import WeftError
from weft.runtime.errors import Refused
from weft.runtime.keeping.cassette import parsed_cassette
from weft.runtime.keeping.lines import MOST_BYTES
from weft.runtime.keeping.shelf import CASSETTE, Kept, Shelf
from weft.runtime.project.files import read_regular, write_atomically
from weft.runtime.project.harness import Harness, parse_harness

__all__ = ["Archive", "archived", "bring_in", "read_archive"]

MOST_UNPACKED = 4 * MOST_BYTES
"""What all files of an archive may have together."""

MOST_FILES = 2_000

MANIFEST, HARNESS, SAVED, RECORD = "manifest.json", "harness.py", "saved.json", "record.json"

NAMES = re.compile(rf"harness\.py|saved\.json|record\.json|versions/\d{{1,6}}\.py|cassettes/{CASSETTE}\.jsonl")
"""What a file of an archive may be called, besides the list."""


UNSOUND = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, OverflowError, ValueError),
    *(NotImplementedError, RuntimeError),
)
"""What `zipfile` raises of bytes that are no archive, or one in ways that it does not know."""


class _Strict(BaseModel):
    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True)


class _File(_Strict):
    size: Annotated[int, Field(ge=0, le=MOST_UNPACKED)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Manifest(_Strict):
    weft: Literal["harness"] = "harness"
    format: Literal[1] = 1
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    files: Annotated[dict[str, _File], Field(max_length=MOST_FILES)]


@dataclass(frozen=True, slots=True)
class Archive:
    """What an archive has in it, once that is known to be sound."""

    name: str
    harness: Harness
    files: Mapping[str, str]
    """All but the list, by name."""


def archived(shelf: Shelf) -> bytes:
    """Return all that is kept of a saved harness as an archive.

    Raises:
        NotFound, Refused, JournalError: it cannot be read, or what is kept of it is damaged.
    """
    harness = shelf.current()
    assert harness is not None
    kept = shelf.kept()
    files = {HARNESS: harness.source, SAVED: kept.model_dump_json(indent=2) + "\n"}
    for version in kept.versions:
        files[f"versions/{version.number}.py"] = shelf.version(version).source
        for name in version.cassettes:
            files[f"cassettes/{name}.jsonl"] = shelf.cassette(name).text()
    record = shelf.folder / RECORD
    if record.is_file():
        files[RECORD] = read_regular(record).decode("utf-8", "replace")
    data = {name: text.encode() for name, text in files.items()}
    listed = {name: _File(size=len(one), sha256=sha256(one).hexdigest()) for name, one in data.items()}
    manifest = _Manifest(name=shelf.name, files=listed).model_dump_json(indent=2)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, one in {MANIFEST: manifest.encode(), **data}.items():
            archive.writestr(zipfile.ZipInfo(name), one, zipfile.ZIP_DEFLATED)  # always the same for the same
    return packed.getvalue()


def read_archive(path: Path) -> Archive:
    """Read an archive, and check all that is in it.

    Raises:
        OSError: it cannot be read.
        Refused: it is none, is cut off, or has something in it that weft has not put there.
    """
    data = read_regular(path, MOST_UNPACKED)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _sound(archive, path)
    except UNSOUND as error:
        raise _refused(path, f"it is no archive, or cut off: {error}") from None


def bring_in(shelf: Shelf, archive: Archive) -> None:
    """Write what an archive has in it; the lock is held, and nothing has the name.

    Raises:
        OSError: something cannot be written; the harness is not there then.
    """
    for name, text in archive.files.items():
        if name != HARNESS:
            path = shelf.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, text)
    shelf.harness.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(shelf.harness, archive.harness.source)


def _sound(archive: zipfile.ZipFile, path: Path) -> Archive:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names) or MANIFEST not in names or len(names) > MOST_FILES + 1:
        raise _refused(path, "its list of files is missing, or names are twice in it")
    for entry in entries:
        _check_entry(entry, path)
    manifest = _manifest(_read(archive, MANIFEST, MOST_BYTES, path), path)
    if set(names) != {MANIFEST, *manifest.files} or HARNESS not in names or SAVED not in names:
        raise _refused(path, "it has other files than its list says")
    if sum(file.size for file in manifest.files.values()) > MOST_UNPACKED:
        raise _refused(path, f"it is larger than {MOST_UNPACKED:,} bytes")
    files: dict[str, str] = {}
    for name, file in manifest.files.items():
        data = _read(archive, name, file.size, path)
        if sha256(data).hexdigest() != file.sha256:
            raise _refused(path, f"{name} is not what was put in")
        files[name] = data.decode()
    return Archive(manifest.name, _checked(files, manifest.name, path), files)


def _check_entry(entry: zipfile.ZipInfo, path: Path) -> None:
    """Check that a file is one of those that weft puts into an archive, and no link."""
    shown = json.dumps(entry.filename[:100])
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if entry.filename != MANIFEST and NAMES.fullmatch(entry.filename) is None:
        raise _refused(path, f"{shown} is no file that weft puts in")
    if kind not in (0, stat.S_IFREG) or entry.is_dir():
        raise _refused(path, f"{shown} is no regular file")
    if entry.flag_bits & 0x1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _refused(path, f"{shown} is encrypted, or packed in another way")


def _read(archive: zipfile.ZipFile, name: str, size: int, path: Path) -> bytes:
    """Unpack one file, and no more of it than it may have: what is said of its size need not be so."""
    with archive.open(name) as file:
        data = file.read(size + 1)
    if len(data) > size:
        raise _refused(path, f"{name} has more than {size:,} bytes")
    return data


def _manifest(data: bytes, path: Path) -> _Manifest:
    try:
        return _Manifest.model_validate_json(data)
    except (ValidationError, RecursionError) as error:
        why = error.errors(include_url=False)[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise _refused(path, f"its list of files means nothing: {why}") from None


def _checked(files: Mapping[str, str], name: str, path: Path) -> Harness:
    """Return the harness, once all versions and cassettes that are spoken of are there and sound."""
    try:
        harness = parse_harness(files[HARNESS], name=name, filename=f"{path.name}:{HARNESS}")
        kept = Kept.model_validate_json(files[SAVED])
        for version in kept.versions:
            text = files[f"versions/{version.number}.py"]
            if sha256(text.encode()).hexdigest() != version.digest:
                raise _refused(path, f"version {version.number} is another one than is said")
            for cassette in version.cassettes:
                parsed_cassette(files[f"cassettes/{cassette}.jsonl"], Path(cassette))
    except KeyError as missing:
        raise _refused(path, f"{missing.args[0]} is spoken of, and not there") from None
    except (ValidationError, RecursionError):
        raise _refused(path, "its list of versions means nothing") from None
    except WeftError as error:
        raise _refused(path, f"{error.what}: {error.where}") from None
    return harness


def _refused(path: Path, why: str) -> Refused:
    return Refused(
        "this cannot be imported",
        where=f"{path}: {why}",
        meaning="nothing of it was unpacked, and nothing was saved",
        fix="ask for it once more: weft export NAME FILE makes one",
    )
