"""Which endangered words of a dialect occur in the recordings, and what do they mean?"""

from dataclasses import dataclass, field

from weft.primitives import agent, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"recordings": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 16}},
    "required": ["recordings"],
}
WORDS = {
    "type": "object",
    "properties": {"words": {"type": "array", "maxItems": 10, "items": {"type": "string"}}},
    "required": ["words"],
}
MOST = 60


@dataclass
class Lexicon:
    heard: dict = field(default_factory=dict)

    def add(self, recording, words):
        for word in {word.strip().lower() for word in words}:
            self.heard.setdefault(word, set()).add(recording)

    def common(self):
        return sorted(self.heard, key=lambda word: (-len(self.heard[word]), word))[:MOST]

    def explain(self, word):
        where = ", ".join(sorted(self.heard[word]))
        return agent(f"What does the dialect word '{word}' mean? It is said in {where}.", label=f"explain:{word}")


async def main(args):
    lexicon = Lexicon()
    phase("Listen")
    replies = await parallel(
        [agent(f"List the dialect words in the transcript {r}.", schema=WORDS, label=f"listen:{r}") for r in args["recordings"]]
    )
    for recording, reply in zip(args["recordings"], replies):
        if reply:
            lexicon.add(recording, reply["words"])
    phase("Explain")
    words = lexicon.common()
    meanings = await parallel([lexicon.explain(word) for word in words])
    return [
        {"word": word, "meaning": meaning, "recordings": sorted(lexicon.heard[word])}
        for word, meaning in zip(words, meanings)
        if meaning
    ]
