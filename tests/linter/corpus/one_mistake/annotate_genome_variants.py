"""Annotate genome variants; a gene that was looked up for one variant is not looked up again for the next."""

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "properties": {"variants": {"type": "array", "items": {"type": "string"}, "maxItems": 80}},
    "required": ["variants"],
}
LOCUS = {
    "type": "object",
    "properties": {"gene": {"type": "string"}, "effect": {"enum": ["missense", "nonsense", "silent", "splice"]}},
    "required": ["gene", "effect"],
}


def once(key):
    taken = set()

    def admit(value):
        k = key(value)
        if k in taken:
            return None
        taken.add(k)
        return value

    return admit


def locate(variant):
    return agent(f"In which gene lies variant {variant}, and what is its effect?", schema=LOCUS)


def describe(locus, variant):
    return agent(f"What is known about {locus['gene']} in disease? Begin with variant {variant} ({locus['effect']}).")


async def main(args):
    first_of_gene = once(lambda locus: locus["gene"].upper())
    notes = await pipeline(args["variants"], locate, first_of_gene, describe)
    return {v: n for v, n in zip(args["variants"], notes) if n}
