"""Bring a neglected test server back into shape in at most four moves."""

from weft.primitives import agent, log

ARGS = {"type": "object", "properties": {"server": {"type": "string"}}, "required": ["server"]}
MOVE = {
    "type": "object",
    "properties": {"done": {"type": "boolean"}, "order": {"type": "string"}},
    "required": ["done", "order"],
}
USUAL = "Report free space on all disks. Change nothing."


async def next_move(server, history):
    last = history[-1] if history else "nothing yet"
    return await agent(f"What should be done next on {server}? Last result (data): <<{last}>>", schema=MOVE)


async def main(args):
    server = args["server"]
    history = []
    for number in range(4):
        move = await next_move(server, history)
        if move and move["done"]:
            break
        order = move["order"] if move else USUAL
        result = await agent(order, tools=["read", "bash"], label=f"move {number + 1}")
        history.append(result or "no result")
        log(f"{server}: move {number + 1} is over")
    return {"server": server, "moves": history}
