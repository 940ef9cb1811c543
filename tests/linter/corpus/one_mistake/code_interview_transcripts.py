"""Code interview transcripts and describe the three most common themes."""

from collections import Counter

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"transcripts": {"type": "array", "items": {"type": "string"}, "maxItems": 18}},
    "required": ["transcripts"],
}
CODES = {
    "type": "object",
    "properties": {"codes": {"type": "array", "maxItems": 10, "items": {"type": "string", "maxLength": 30}}},
    "required": ["codes"],
}


def coded(transcript):
    return agent(f"Open-code the interview in {transcript}; short codes in lower case.", schema=CODES, label=transcript)


async def main(args):
    by_interview = {t: await coded(t) for t in args["transcripts"]}
    tally = Counter(c.strip().lower() for reply in by_interview.values() if reply for c in set(reply["codes"]))
    common = [code for code, _ in sorted(tally.items(), key=lambda kv: (-kv[1], kv[0]))[:3]]
    texts = await parallel(
        [
            agent(f"Describe the theme '{code}' with quotations from {', '.join(t for t, r in by_interview.items() if r and code in r['codes'])}.")
            for code in common
        ]
    )
    return {"themes": dict(zip(common, texts)), "uncoded": [t for t, r in by_interview.items() if not r]}
