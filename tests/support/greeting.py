"""A folder with a small harness and some notes, for what is tried on the command line."""

from __future__ import annotations

from pathlib import Path

__all__ = ["FOUR_PARTS", "HELLO", "greeting"]

HELLO = '''"""Say hello to everybody."""
from weft.primitives import agent, parallel, phase

ARGS = {"type": "object", "properties": {"names": {"type": "array", "items": {"type": "string"}, "maxItems": 9}}}


async def main(args):
    phase("Greet")
    replies = await parallel([agent(f"Greet {name}", label=f"greet:{name}") for name in args.get("names", ["Ada"])])
    return {"said": [reply for reply in replies if reply]}
'''

FOUR_PARTS = ("error: ", "  means   ", "  fix     ")
"""What each error consists of, besides what is wrong where."""


def greeting(folder: Path) -> None:
    """Write all that into a folder."""
    (folder / "hello.py").write_text(HELLO)
    (folder / "stub.json").write_text('{"default": {"result": "hi", "latency": 3600}}')
    (folder / "empty").mkdir()
    (folder / "notes").mkdir()
    (folder / "notes" / "orca.md").write_text("# Orca\n\nOrca stores every message on disk for seven days.\n")
    (folder / "notes" / "orca-faq.md").write_text("# Orca FAQ\n\nOrca deletes messages from disk after 30 days.\n")
