"""An editor, as far as a language server sees one: JSON-RPC over the pipes of `weft lsp`, written by hand."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from command import environment
from forked import Weft

URI = "file:///project/h.py"


class Editor:
    """One session. Every request waits for its answer; what the server says on its own is kept."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.asked = 0
        self.told: list[dict[str, Any]] = []
        """Notifications that nobody has taken yet."""

    def send(self, method: str, params: Any, **more: Any) -> None:
        """Send a notification, or with an `id` a request."""
        self.raw(json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode())

    def raw(self, body: bytes) -> None:
        """Send a message of any content."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def receive(self) -> dict[str, Any]:
        """Return the next message of the server."""
        assert self.process.stdout is not None
        length = 0
        while line := self.process.stdout.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        assert length, "the server has closed its output"
        message: dict[str, Any] = json.loads(self.process.stdout.read(length))
        return message

    def ask(self, method: str, params: Any = None) -> Any:
        """Return the result of a request."""
        self.asked += 1
        self.send(method, params, id=self.asked)
        while (message := self.receive()).get("id") != self.asked:
            self.told.append(message)
        assert "error" not in message, message
        return message["result"]

    def diagnostics(self) -> list[dict[str, Any]]:
        """Return what the server publishes next."""
        while True:
            message = self.told.pop(0) if self.told else self.receive()
            if message.get("method") == "textDocument/publishDiagnostics":
                found: list[dict[str, Any]] = message["params"]["diagnostics"]
                return found

    def open(self, text: str, uri: str = URI) -> list[dict[str, Any]]:
        """Open a file, and return what is found in it."""
        document = {"uri": uri, "languageId": "python", "version": 1, "text": text}
        self.send("textDocument/didOpen", {"textDocument": document})
        return self.diagnostics()

    def change(self, text: str, version: int = 2, uri: str = URI) -> list[dict[str, Any]]:
        """Give an open file another content, and return what is found in it."""
        params = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": text}]}
        self.send("textDocument/didChange", params)
        return self.diagnostics()

    def about(self, method: str, **params: Any) -> Any:
        """Return what the server says about the file that is open."""
        return self.ask(f"textDocument/{method}", {"textDocument": {"uri": URI}, **params})


@contextmanager
def editing(folder: Path, *encodings: str, opened: Path | None = None) -> Iterator[Editor]:
    """Start a session for a client that counts columns in one of these units, and end it as an editor does.

    `opened` is the folder that it has opened, if that is not just a file.
    """
    process = Weft(
        ["lsp"],
        cwd=folder,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        try:
            editor = Editor(process)
            general = {"general": {"positionEncodings": list(encodings)}} if encodings else {}
            editor.ask(
                "initialize", {"processId": None, "rootUri": opened and opened.as_uri(), "capabilities": general}
            )
            editor.send("initialized", {})
            yield editor
            editor.ask("shutdown")
            editor.send("exit", None)
            assert process.wait(timeout=30) == 0
        finally:
            process.kill()


def applied(text: str, edits: list[dict[str, Any]]) -> str:
    """Return a text after edits of a client that counts in UTF-16, as the protocol says."""
    lines = [line.encode("utf-16-le") for line in text.split("\n")]

    def offset(place: dict[str, int]) -> int:
        return sum(len(line) + 2 for line in lines[: place["line"]]) + 2 * place["character"]

    data = text.encode("utf-16-le")
    for edit in sorted(edits, key=lambda edit: offset(edit["range"]["start"]), reverse=True):
        begin, end = offset(edit["range"]["start"]), offset(edit["range"]["end"])
        data = data[:begin] + edit["newText"].encode("utf-16-le") + data[end:]
    return data.decode("utf-16-le")
