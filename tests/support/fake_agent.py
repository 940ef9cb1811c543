"""A program that answers as `claude -p`, `codex exec --json` and others do: what it does stands in its environment.

FAKE names what it writes; a copy of all it was given goes to the file FAKE_LOG, a line for each time it is executed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time

CLAUDE = {
    "type": "result",
    "subtype": "success",
    "is_error": False,
    "duration_ms": 1200,
    "num_turns": 2,
    "session_id": "75e2167f",
    "total_cost_usd": 0.25,
    "usage": {
        "input_tokens": 5,
        "cache_creation_input_tokens": 20,
        "cache_read_input_tokens": 100,
        "output_tokens": 30,
    },
    "modelUsage": {"claude-sonnet-5-5": {"costUSD": 0.25}},
}
CODEX = (
    {"type": "thread.started", "thread_id": "th_1"},
    {"type": "turn.started"},
    {"type": "item.completed", "item": {"id": "i0", "type": "reasoning", "text": "hm"}},
    {
        "type": "item.completed",
        "item": {"id": "i1", "type": "command_execution", "command": "ls", "aggregated_output": "", "exit_code": 0},
    },
)
USAGE = {
    "input_tokens": 120,
    "cached_input_tokens": 100,
    "cache_write_input_tokens": 10,
    "output_tokens": 40,
    "reasoning_output_tokens": 30,
}


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


def claude(result: str, **more: object) -> None:
    say(json.dumps({**CLAUDE, "result": result, **more}, ensure_ascii=False))


def codex(*last: dict[str, object]) -> None:
    for event in (*CODEX, *last):
        say(json.dumps(event, ensure_ascii=False))


def message(text: str) -> dict[str, object]:
    return {"type": "item.completed", "item": {"id": "i2", "type": "agent_message", "text": text}}


def main() -> None:
    given = sys.stdin.read()
    log = os.environ["FAKE_LOG"]
    with open(log, "a", encoding="utf-8") as file:
        file.write(json.dumps({"argv": sys.argv[1:], "given": given, "cwd": os.getcwd()}) + "\n")
    with open(log, encoding="utf-8") as file:
        times = len(file.readlines())
    kinds = os.environ["FAKE"].split(",")
    kind, _, rest = kinds[min(times, len(kinds)) - 1].partition("=")
    match kind:
        case "claude":
            claude(rest)
        case "claude-structured":
            claude("see there", structured_output={"n": 7})
        case "claude-lines":
            say(json.dumps({"type": "system", "subtype": "init"}))
            claude(rest)
        case "claude-stops":
            claude("As far as", stop_reason=rest)
        case "claude-turns":
            claude("", subtype="error_max_turns", is_error=True)
        case "claude-limit":
            claude("API Error: 429 rate limited", is_error=True, total_cost_usd=0.5)
            sys.exit(1)
        case "claude-login":
            claude("Invalid API key", is_error=True)
            sys.exit(1)
        case "codex":
            codex(message("first"), message(rest), {"type": "turn.completed", "usage": USAGE})
        case "codex-failed":
            codex({"type": "turn.failed", "error": {"message": "model is not supported"}})
            sys.exit(1)
        case "codex-killed":
            codex(message("first"), {"type": "turn.completed", "usage": USAGE})
            sys.stdout.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        case "sleep":
            sys.stdout.write(rest + "\n")
            sys.stdout.flush()
            time.sleep(60)
        case "text":
            say(rest)
        case "json":
            call = json.loads(given)
            usage = {"input_tokens": 3, "output_tokens": 4, "usd": 0.1}
            say(json.dumps({"value": {"n": len(call["prompt"])}, "usage": usage}))
        case "json-error":
            say(json.dumps({"error": {"cause": "refused", "message": "not this"}, "usage": {"usd": 0.125}}))
        case "flood":
            while True:
                sys.stdout.write("x" * 65536)
        case "exit":
            sys.stderr.write("no such option: --frobnicate" + "\n")
            sys.exit(int(rest))
        case "tree":
            os.system(f"setsid sh -c 'sleep {rest} & sleep {rest}' &")
            open(f"{log}.started", "w").close()
            time.sleep(60)


if __name__ == "__main__":
    main()
