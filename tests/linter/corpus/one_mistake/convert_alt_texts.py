"""Convert the alt texts of a photo archive into four languages."""
from weft.primitives import agent, log, parallel, phase

ALT = {
    "type": "object",
    "properties": {"alt": {"type": "string", "maxLength": 160}, "confident": {"type": "boolean"}},
    "required": ["alt", "confident"],
}
LANGUAGES = ["de", "fr", "it", "rm"]


async def describe(photo):
    return await agent(f"Describe photo {photo} for a blind reader in at most 160 characters.", schema=ALT, label=f"alt:{photo}")


async def translate(photo, alt, language):
    reply = await agent(
        f"Translate the alt text of photo {photo} into {language}.\n<alt>{alt}</alt>",
        schema=ALT,
        label=f"{photo}:{language}",
    )
    return language, reply["alt"] if reply else None


async def localise(photo, described):
    try:
        pairs = await parallel([translate(photo, described["alt"], language) for language in LANGUAGES])
        return dict(pair for pair in pairs if pair)
    except Exception:
        return {}


async def main(args):
    phase("Describe")
    described = await parallel([describe(photo) for photo in args["photos"]])

    phase("Translate")
    gallery = {}
    for photo, alt in zip(args["photos"], described):
        if not alt:
            continue
        texts = await localise(photo, alt)
        gallery[photo] = {"en": alt["alt"], **texts}
    log(f"{len(gallery)} photos done")
    return gallery
