"""A small MCP server, written with the SDK, over its standard streams or over HTTP; started by tests as a process."""

from __future__ import annotations

import os
import sys
from typing import Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.utilities.types import Image
from mcp_types import ToolAnnotations
from pydantic import BaseModel

server = MCPServer("shelf", version="1.2.3")
kept: dict[str, str] = {}


class Consent(BaseModel):
    yes: bool


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def look_up(title: str) -> str:
    """Look up a book by its title."""
    return kept.get(title, f"no {title}")


@server.tool(annotations=ToolAnnotations(idempotent_hint=True))
def keep(title: str, text: str) -> dict[str, int]:
    """Keep a book under its title."""
    kept[title] = text
    return {"kept": len(kept)}


@server.tool()
def key(context: Context) -> str:
    """Return the key of the call."""
    meta: Any = context.request_context.meta
    return str(dict(meta or {}).get("idempotencyKey"))


@server.tool()
def environment() -> list[str]:
    """Return the names of the variables that are set."""
    return sorted(os.environ)


@server.tool()
def picture() -> Image:
    """Draw."""
    return Image(data=b"\x89PNG" + b"\0" * 96, format="png")


@server.tool()
async def consent(context: Context) -> str:
    """Ask whether it may."""
    answer = await context.elicit("May I?", Consent)
    return f"the answer was {answer.action}"


@server.tool()
def fail() -> str:
    """Fail."""
    raise RuntimeError("out of paper")


@server.tool()
def crash() -> str:
    """End at once."""
    sys.stderr.write("the roof is on fire\n")
    sys.stderr.flush()
    os._exit(3)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
    else:
        server.run("stdio")
