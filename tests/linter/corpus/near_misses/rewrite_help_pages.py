"""Rewrite the help pages of a bank in plain language."""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"pages": {"type": "array", "items": {"type": "string"}, "maxItems": 30}},
    "required": ["pages"],
}
PAGE = {
    "type": "object",
    "properties": {"text": {"type": "string"}, "doubts": {"type": "array", "maxItems": 5, "items": {"type": "string"}}},
    "required": ["text", "doubts"],
}


async def main(args):
    pages = await parallel(
        [
            agent(f"Rewrite the file {page} in plain language and return the new text; leave the file as it is.", schema=PAGE, tools=["read_file"])
            for page in args["pages"]
        ]
    )
    return {
        "pages": {page: reply["text"] for page, reply in zip(args["pages"], pages) if reply},
        "doubts": [f"{page}: {doubt}" for page, reply in zip(args["pages"], pages) if reply for doubt in reply["doubts"]],
    }
