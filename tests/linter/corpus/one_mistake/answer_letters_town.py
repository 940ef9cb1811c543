"""Answer the letters of a town hall, each in the tone of its office."""

from weft.primitives import agent, log

ARGS = {
    "type": "object",
    "properties": {
        "letters": {
            "type": "array",
            "maxItems": 50,
            "items": {
                "type": "object",
                "properties": {
                    "id": {"type": "string"},
                    "office": {"enum": ["tax", "roads", "schools"]},
                    "text": {"type": "string"},
                },
                "required": ["id", "office", "text"],
            },
        }
    },
    "required": ["letters"],
}


async def about_tax(letter):
    return await agent(f"Answer this letter on taxes, name the paragraph: {letter['text']}")


async def about_roads(letter):
    return await agent(f"Answer this letter on roads, say who repairs what: {letter['text']}")


async def main(args):
    answers = {}
    for letter in args["letters"]:
        match letter["office"]:
            case "tax":
                answers[letter["id"]] = await about_tax(letter)
            case "roads":
                answers[letter["id"]] = await about_roads(letter)
            case other:
                answers[letter["id"]] = await agent(f"Answer this letter for the office of {other}: {letter['text']}")
    log(f"{len(answers)} letters")
    return {key: text for key, text in answers.items() if text}
