"""Whom did the composer write to? Letters are proposed in rounds and held against the catalogue of the archive."""

from weft.primitives import agent, log, parallel

LETTERS = {
    "type": "object",
    "properties": {
        "letters": {
            "type": "array",
            "maxItems": 8,
            "items": {
                "type": "object",
                "properties": {"shelfmark": {"type": "string"}, "addressee": {"type": "string"}},
                "required": ["shelfmark", "addressee"],
            },
        }
    },
    "required": ["letters"],
}
ENTRY = {"type": "object", "properties": {"listed": {"type": "boolean"}}, "required": ["listed"]}
YEARS = ("1901-1910", "1911-1920", "1921-1930", "1931-1940")


def in_catalogue(letter):
    return agent(f"Does shelfmark {letter['shelfmark']} hold a letter to {letter['addressee']}?", schema=ENTRY)


async def main(args):
    catalogue: dict[str, str] = {}
    for turn in range(4):
        told = ", ".join(sorted(catalogue)) or "none"
        reply = await agent(f"Turn {turn}: name letters of {YEARS[turn]} and around. In hand: {told}", schema=LETTERS)
        offered = {one["shelfmark"]: one for one in (reply["letters"] if reply else [])}
        todo = [one for mark, one in offered.items() if mark not in catalogue]
        checks = await parallel([in_catalogue(one) for one in todo])
        catalogue |= {one["shelfmark"]: one["addressee"] for one, check in zip(todo, checks) if check and check["listed"]}
        log(f"{len(catalogue)} letters")
    return catalogue
