"""Carry out the change requests that customers send by mail."""

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "required": ["mails", "smtp_password"],
    "properties": {
        "mails": {"type": "array", "items": {"type": "string"}, "maxItems": 50},
        "smtp_password": {"type": "string"},
    },
}
REQUEST = {
    "type": "object",
    "required": ["customer", "request"],
    "properties": {"customer": {"type": "string"}, "request": {"type": "string"}},
}


class RequestDesk:
    def __init__(self, password):
        self.password = password

    async def understand(self, mail):
        return await agent(f"Read mail {mail} and say what the customer wants changed.", schema=REQUEST, tools=["read_file"])

    def order(self, request):
        return f"{request['request']}\nThen confirm to {request['customer']} by mail."

    async def carry_out(self, request):
        done = await agent(
            self.order(request) + f" The password of the mail server is {self.password}.",
            tools=["crm_update", "send_mail"],
            label=request["customer"],
        )
        return {"customer": request["customer"], "done": done is not None}


async def main(args):
    desk = RequestDesk(args["smtp_password"])
    results = await pipeline(args["mails"], desk.understand, desk.carry_out)
    return {"results": [r for r in results if r]}
