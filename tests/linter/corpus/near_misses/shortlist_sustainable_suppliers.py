"""Shortlist sustainable suppliers: candidates from several registers, the first dozen is looked at in depth."""

from itertools import chain, islice
from operator import itemgetter

from weft.primitives import agent, log, parallel

REGISTERS = ("B Corp", "Fairtrade", "GOTS", "EMAS")
FIRMS = {
    "type": "object",
    "properties": {
        "firms": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"vat": {"type": "string"}, "name": {"type": "string"}},
                "required": ["vat", "name"],
            },
        }
    },
    "required": ["firms"],
}

firms = itemgetter("firms")
vat = itemgetter("vat")


def unique(rows, key):
    met = set()
    for row in rows:
        if (k := key(row)) not in met:
            met.add(k)
            yield row


async def main(args):
    replies = await parallel([agent(f"Which makers of cotton bags are in the {r} register?", schema=FIRMS) for r in REGISTERS])
    everyone = list(unique(chain.from_iterable(map(firms, filter(None, replies))), vat))
    chosen = list(islice(everyone, 12))
    log(f"{len(chosen)} of {len(everyone)} firms are examined")
    portraits = await parallel([agent(f"Portrait of {firm['name']} (VAT {firm['vat']}): sites, audits, fines.") for firm in chosen])
    return [{**firm, "portrait": portrait} for firm, portrait in zip(chosen, portraits) if portrait]
