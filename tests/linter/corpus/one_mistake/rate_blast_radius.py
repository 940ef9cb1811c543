"""Rate the blast radius of every IAM policy in this account."""

from weft.primitives import agent, parallel, phase

META = {"name": "iam-blast-radius", "description": "Reads IAM policies and rates what a stolen key could reach"}
ARGS = {
    "type": "object",
    "properties": {"policies": {"type": "array", "items": {"type": "string"}, "maxItems": 30}},
    "required": ["policies"],
}
GRANTS = {
    "type": "object",
    "properties": {
        "actions": {"type": "array", "maxItems": 25, "items": {"type": "string"}},
        "wildcard": {"type": "boolean"},
    },
    "required": ["actions", "wildcard"],
}
RADIUS = {
    "type": "object",
    "properties": {"radius": {"enum": ["none", "account", "organisation"]}, "path": {"type": "string"}},
    "required": ["radius", "path"],
}


class Auditor:
    def __init__(self, policies):
        self.policies = policies

    def read(self, arn):
        return agent(f"Open policy {arn}; list each allowed action, expanding managed groups.", schema=GRANTS, label=arn)

    def rate(self, arn, grants):
        kind = "a wildcard policy" if grants["wildcard"] else "a policy"
        return agent(
            f"{arn} is {kind} that allows {', '.join(grants['actions'])}. How far would a stolen key get?",
            schema=RADIUS,
        )

    async def run(self):
        phase("Read")
        grants = dict(zip(self.policies, await parallel(list(map(self.read, self.policies)))))
        phase("Rate")
        open_ones = [(arn, g) for arn, g in grants.items() if g is not None and g["actions"]]
        return await parallel([self.rate(arn, g) for arn, g in open_ones])


async def main(args):
    ratings = await Auditor(args["policies"]).run()
    return {"ratings": [r for r in ratings if r]}
