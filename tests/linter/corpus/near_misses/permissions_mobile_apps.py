"""Which permissions do the mobile apps of a bank request, and which of them does nobody justify?"""
from collections import Counter, defaultdict

from weft.primitives import agent, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"apps": {"type": "array", "items": {"type": "string"}, "maxItems": 15}},
    "required": ["apps"],
}
MANIFEST = {
    "type": "object",
    "properties": {
        "permissions": {"type": "array", "maxItems": 12, "items": {"type": "string"}},
        "justified": {"type": "array", "maxItems": 12, "items": {"type": "string"}},
    },
    "required": ["permissions", "justified"],
}
USUAL = {"INTERNET", "USE_BIOMETRIC", "VIBRATE"}


async def manifest(app):
    return await agent(f"Read the manifest and the privacy notice of app {app}: permissions asked, permissions justified.", schema=MANIFEST, label=app)


async def main(args):
    phase("Manifests")
    manifests = await parallel([manifest(app) for app in args["apps"]])
    asked, unjustified = Counter(), defaultdict(set)
    for app, m in zip(args["apps"], manifests):
        if not m:
            continue
        asked.update(set(m["permissions"]))
        for permission in set(m["permissions"]) - set(m["justified"]) - USUAL:
            unjustified[permission].add(app)
    worst = sorted(unjustified, key=lambda p: (-len(unjustified[p]), p))[:10]

    phase("Explain")
    texts = await parallel([
        agent(
            f"Permission {permission} is requested without a justification by {', '.join(sorted(unjustified[permission]))}. "
            f"What could it be for?",
            label=permission,
        )
        for permission in worst
    ])
    return {
        "asked": {permission: asked[permission] for permission in sorted(asked)},
        "unjustified": [{"permission": p, "apps": sorted(unjustified[p]), "guess": t} for p, t in zip(worst, texts)],
        "only_usual": set(asked) <= USUAL,
    }
