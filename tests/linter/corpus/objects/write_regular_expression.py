"""Write a regular expression for a line format and let it be tested until it takes every example."""

import re
from dataclasses import dataclass, field

from weft.primitives import agent, log

ARGS = {
    "type": "object",
    "properties": {
        "yes": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 50},
        "no": {"type": "array", "items": {"type": "string"}, "maxItems": 50, "default": []},
    },
    "required": ["yes"],
}
PATTERN = {"type": "object", "properties": {"pattern": {"type": "string"}}, "required": ["pattern"]}


@dataclass
class Workshop:
    yes: list
    no: list
    left: int = 6
    complaints: list = field(default_factory=list)

    def test(self, pattern):
        try:
            compiled = re.compile(pattern)
        except re.error as error:
            return [f"{pattern!r} does not compile: {error}"]
        missed = [f"{pattern!r} does not take {line!r}" for line in self.yes if not compiled.fullmatch(line)]
        return missed + [f"{pattern!r} takes {line!r}" for line in self.no if compiled.fullmatch(line)]

    async def attempt(self):
        self.left -= 1
        return await agent(
            f"Write a regular expression that matches whole lines.\nTake: {self.yes}\nRefuse: {self.no}\n"
            f"What was wrong with earlier ones: {self.complaints[-20:]}",
            schema=PATTERN,
            tools=[],
            label=f"attempt:{self.left}",
        )

    async def run(self):
        while self.left > 0:
            reply = await self.attempt()
            if reply is None:
                continue
            wrong = self.test(reply["pattern"])
            if not wrong:
                return reply["pattern"]
            self.complaints += wrong
            log(f"{len(wrong)} complaints")
        return None


async def main(args):
    shop = Workshop(args["yes"], args["no"])
    return {"pattern": await shop.run(), "attempts": 6 - shop.left}
