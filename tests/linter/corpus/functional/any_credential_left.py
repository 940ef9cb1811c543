"""Is any credential left in the container images?"""

from weft.primitives import agent, parallel

META = {"name": "image-secrets", "description": "Look for credentials in image layers"}
ARGS = {
    "type": "object",
    "properties": {"images": {"type": "array", "items": {"type": "string"}, "maxItems": 30}},
    "required": ["images"],
}
LEAKS = {
    "type": "object",
    "properties": {
        "leaks": {
            "type": "array",
            "maxItems": 20,
            "items": {
                "type": "object",
                "properties": {"layer": {"type": "string"}, "path": {"type": "string"}, "kind": {"type": "string"}},
                "required": ["layer", "path", "kind"],
            },
        }
    },
    "required": ["leaks"],
}


def scan(image):
    return agent(f"Look through every layer of {image} for credentials; give place and kind only.", schema=LEAKS, label=image)


async def main(args):
    replies = await parallel(map(scan, args["images"]))
    leaks = [{**leak, "image": image} for image, r in zip(args["images"], replies) if r for leak in r["leaks"]]
    return {"verdict": "clean" if not leaks else "leaking", "leaks": leaks}
