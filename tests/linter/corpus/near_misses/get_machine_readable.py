"""Get a machine-readable summary of each court ruling; a ruling whose summary does not parse is asked for again."""

import json
from functools import wraps

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"rulings": {"type": "array", "items": {"type": "string"}, "maxItems": 25}},
    "required": ["rulings"],
}


def attempts(limit):
    def decorate(fn):
        @wraps(fn)
        async def wrapper(subject):
            complaint = ""
            for _ in range(limit):
                text = await fn(subject, complaint)
                if text is None:
                    return None
                try:
                    return json.loads(text)
                except ValueError as error:
                    complaint = f" Your last answer was not JSON: {error}"
            return None

        return wrapper

    return decorate


@attempts(3)
async def summarise(ruling, complaint):
    return await agent(f"Summarise ruling {ruling} as a JSON object with keys court, date and holding.{complaint}")


async def main(args):
    summaries = await parallel([summarise(ruling) for ruling in args["rulings"]])
    return {ruling: summary for ruling, summary in zip(args["rulings"], summaries) if summary is not None}
