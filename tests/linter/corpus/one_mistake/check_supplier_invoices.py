"""Check supplier invoices for tax identifiers that do not belong to the supplier."""

from functools import partial
from itertools import compress

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "required": ["invoices"],
    "properties": {"invoices": {"type": "array", "items": {"type": "string"}, "maxItems": 200}},
}
HEADER = {
    "type": "object",
    "required": ["supplier", "tax_id"],
    "properties": {"supplier": {"type": "string"}, "tax_id": {"type": "string"}},
}
MATCH = {"type": "object", "required": ["belongs"], "properties": {"belongs": {"type": "boolean"}}}

ask_header = partial(agent, schema=HEADER, effort="low")
ask_match = partial(agent, schema=MATCH)


def question(header):
    return f"Does tax id {header['tax_id']} belong to {header['supplier']}? Use the register extract."


def has_id(header):
    return header is not None and header["tax_id"].strip() != ""


async def main(args):
    headers = await parallel([ask_header(f"Read supplier and tax id from invoice {i}.") for i in args["invoices"]])
    usable = list(compress(headers, map(has_id, headers)))
    answers = await parallel([ask_match(q) for q in map(question, usable)])
    return [
        header["supplier"]
        for header, answer in zip(usable, answers)
        if answer is not None and not answer["belongs"]
    ]
