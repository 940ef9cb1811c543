"""Move our Terraform modules from the deprecated aws_s3_bucket arguments to the split resources."""

from weft.primitives import agent, log, pipeline

MODULES = {
    "type": "object",
    "properties": {"modules": {"type": "array", "maxItems": 12, "items": {"type": "string"}}},
    "required": ["modules"],
}
CHECK = {"type": "object", "properties": {"valid": {"type": "boolean"}}, "required": ["valid"]}


async def move(module):
    done = await agent(
        f"Edit the Terraform module {module}: replace the deprecated bucket arguments by the split resources.",
        tools=["read_file", "edit_file"],
        label=f"move:{module}",
    )
    return module if done else None


async def validate(module):
    check = await agent(f"Is the module {module} still valid, with the same plan as before?", schema=CHECK, label=f"validate:{module}")
    return {"module": module, "valid": bool(check and check["valid"])}


async def main(args):
    listing = await agent("List the Terraform modules below infra/ that declare aws_s3_bucket.", schema=MODULES)
    if listing is None:
        return {"moved": [], "error": "no listing"}
    moved = await pipeline(listing["modules"], move, validate)
    log(f"{len(moved.lost)} modules were not moved")
    return {"moved": [m for m in moved if m], "error": None}
