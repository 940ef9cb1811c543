"""Write a serial bedtime story, a chapter after the other, each of which continues the one before."""

from weft.primitives import agent, log, phase

ARGS = {
    "type": "object",
    "properties": {"hero": {"type": "string"}, "beats": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 8}},
    "required": ["hero", "beats"],
}


async def chapter(hero, beat, so_far):
    last = so_far[-1] if so_far else "Nothing has happened yet."
    return await agent(
        f"Write the next chapter about {hero}. In it: {beat}\nThe chapter before:\n{last}",
        tools=[],
        label=f"chapter:{len(so_far) + 1}",
    )


async def main(args):
    phase("Write")
    story, skipped = [], []
    for beat in args["beats"]:
        text = await chapter(args["hero"], beat, story)
        if text is None:
            skipped.append(beat)
            log(f"lost: {beat}")
            continue
        story.append(text)
    phase("Title")
    title = await agent(f"Give a title to the story that ends so:\n{story[-1]}", tools=[]) if story else None
    return {"title": title, "chapters": story, "skipped": skipped}
