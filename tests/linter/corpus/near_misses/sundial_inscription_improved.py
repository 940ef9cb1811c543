"""Have a sundial inscription improved until the stonemason is content."""
from weft.primitives import agent

META = {"name": "sundial", "description": "Improve a line"}
ARGS = {"type": "object", "properties": {"line": {"type": "string"}}, "required": ["line"]}
WORD = {"type": "object", "properties": {"content": {"type": "boolean"}, "line": {"type": "string"}}, "required": ["content", "line"]}


async def main(args):
    line, content, rounds = args["line"], False, 0
    while not content:
        rounds += 1
        if rounds > 6:
            break
        word = await agent(f"As a stonemason, round {rounds}: is this inscription short and clear? <line>{line}</line>", schema=WORD)
        if word is None:
            continue
        content = word["content"]
        if not content:
            line = word["line"]
    return {"line": line, "content": content, "rounds": min(rounds, 6)}
