"""Normalize the addresses of a customer table, in batches, with retries for those that fail."""

from weft.primitives import agent, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"addresses": {"type": "array", "items": {"type": "string"}, "maxItems": 300}},
    "required": ["addresses"],
}
ADDRESS = {
    "type": "object",
    "properties": {"street": {"type": "string"}, "city": {"type": "string"}, "postcode": {"type": "string"}, "country": {"type": "string"}},
    "required": ["street", "city", "postcode", "country"],
}
BATCH = 25


async def normalize(address):
    for attempt in range(3):
        try:
            found = await agent("Normalize this postal address.", schema=ADDRESS, tools=[], label=f"address:{attempt}")
            if found:
                return found
        except Exception:
            pass
    return None


async def main(args):
    addresses = args["addresses"]
    table = {}
    for start in range(0, len(addresses), BATCH):
        chunk = addresses[start : start + BATCH]
        phase(f"Rows {start} to {start + len(chunk)}")
        for address, found in zip(chunk, await parallel([normalize(address) for address in chunk])):
            if found:
                table[address] = found
        log(f"{len(table)} normalized")
    return {"table": table, "open": len(addresses) - len(table)}
