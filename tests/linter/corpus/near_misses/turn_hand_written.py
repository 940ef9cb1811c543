"""Turn a hand-written order into lines, price them, and fill the confirmation form."""

import json

from weft.primitives import agent, log, parallel, phase

ARGS = {"type": "object", "properties": {"scan": {"type": "string"}}, "required": ["scan"]}
FORM = "Dear {name},\nwe confirm {count} lines for {total} euros. Write the rest of this letter in a friendly tone."
PRICE = {"type": "object", "properties": {"euros": {"type": "number"}}, "required": ["euros"]}


def lines_of(text):
    try:
        rows = json.loads(text)
    except ValueError:
        return text.splitlines()
    return [str(row) for row in rows] if isinstance(rows, list) else [str(rows)]


async def main(args):
    phase("Read")
    text = await agent(f'Read {args["scan"]}. Answer with a JSON list such as ["2 x nails", "1 x hammer"], nothing else.')
    if not text:
        return {"letter": None, "lines": 0}
    lines = [line for line in lines_of(text) if line.strip()][:12]
    head, _, tail = text.partition("\n")
    log(f"{head[:40]} and {len(tail)} more characters")

    phase("Price")
    prices = await parallel([agent(f"Price of this order line: {line}", schema=PRICE, label=line) for line in lines])
    total = sum(price["euros"] for price in prices if price)
    prompt = FORM.replace("{name}", "customer").replace("{count}", str(len(lines))).replace("{total}", f"{total:.2f}")
    letter = await agent(prompt)
    return {"letter": letter, "lines": len(lines), "unpriced": sum(price is None for price in prices)}
