"""What leaves the agents: no secret of the environment, and only text that can be written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from anthropic_server import error, serving, text, tool
from running import run_source, run_with

from weft.runtime.border import clean, masked
from weft.runtime.execution.run import Run
from weft.runtime.request import AgentError, AgentReply, AgentRequest
from weft.runtime.settings import Settings

ONE = "async def main(args):\n    return await agent('How many?', **args)\n"
SECRETS = {
    "SOME_API_KEY": "planted-key-1",
    "GITHUB_TOKEN": "planted-token-2",
    "client_secret": "planted-secret-3",
    "DB_PASSWORD": "planted-password-4 with spaces",
}
ANTHROPIC = "sk-ant-planted-0123456789"


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("ANTHROPIC_API_KEY", ANTHROPIC)


def check_kept(done: Run) -> None:
    """Fail when any file of the run holds a secret."""
    for path in done.folder.path.iterdir():
        content = path.read_bytes()
        for secret in (*SECRETS.values(), ANTHROPIC):
            assert secret.encode() not in content


class TestMasking:
    @pytest.mark.parametrize("secret", [*SECRETS.values(), "sk-ant-api03-ABC_def-123"])
    def test_a_secret_is_masked_wherever_it_stands(self, secret: str) -> None:
        assert masked(f"a{secret}. And {secret}") == "a***. And ***"

    def test_the_values_of_headers_are_secrets(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20planted-key-5, x-key=planted-key-6")
        said = "authorization=Bearer%20planted-key-5; Bearer planted-key-5; planted-key-5; x-key=planted-key-6"
        assert masked(said) == "authorization=***; ***; ***; x-key=***"
        monkeypatch.setenv("SOME_CUSTOM_HEADERS", "X-Team: planted-team=7\nX-Auth: Bearer planted-key-8==")
        monkeypatch.setenv("ALLOWED_HEADERS", "authorization,content-type")  # names alone
        assert masked("content-type planted-team=7, planted-key-8==") == "content-type ***, ***"

    def test_what_is_no_secret_stays(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SHORT_TOKEN", "monday")  # shorter than eight characters
        monkeypatch.setenv("TOKEN_COUNT", "twelve thousand")
        said = "on monday twelve thousand sk-ants"
        assert masked(said) == said

    def test_a_secret_that_is_set_while_a_run_goes_on_is_masked_from_then_on(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert masked("a late one: 9f8e7d6c5b") == "a late one: 9f8e7d6c5b"
        monkeypatch.setenv("LATE_TOKEN", "9f8e7d6c5b")
        assert masked("a late one: 9f8e7d6c5b") == "a late one: ***"
        monkeypatch.setenv("LATE_TOKEN", "another one")
        assert masked("9f8e7d6c5b, another one") == "9f8e7d6c5b, ***"
        monkeypatch.delenv("LATE_TOKEN")
        assert masked("another one") == "another one"

    def test_the_longer_of_two_that_begin_alike_is_masked_whole(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LONGER_TOKEN", "planted-key-1-and-more")
        assert masked("planted-key-1-and-more") == "***"

    @pytest.mark.parametrize(
        ("address", "user"),
        [
            ("http://joan:hunter2@proxy:3128", "joan:hunter2@"),
            ("postgres://joan:hun/ter@2@db/x", "joan:hun/ter@2@"),
            ("joan:hunter2@db", "joan:hunter2@"),
        ],
    )
    def test_the_user_of_an_address_is_masked_with_the_password(
        self, monkeypatch: pytest.MonkeyPatch, address: str, user: str
    ) -> None:
        monkeypatch.setenv("SOME_URL", address)
        assert masked(f"cannot connect to {address}") == f"cannot connect to {address.replace(user, '***')}"

    def test_a_user_without_a_password_is_no_secret(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("REPOSITORY_URL", "git@host:a/b")
        assert masked("write to git@host") == "write to git@host"

    def test_data_is_cleaned_to_its_depth(self) -> None:
        assert clean({"planted-key-1": ["\ud800x", 3, None, ("planted-token-2",)]}) == {
            "***": ["\ufffdx", 3, None, ["***"]]
        }


class TestEndings:
    @pytest.mark.slow
    def test_errors_of_the_provider(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        said = f"{SECRETS['SOME_API_KEY']} \ud83d {ANTHROPIC}"
        for status, kind in ((400, "invalid_request_error"), (401, "authentication_error")):
            with serving(lambda body, status=status, kind=kind: error(status, kind, said)) as server:  # type: ignore[misc]
                monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
                done = run_with(ONE, tmp_path / str(status), Settings(model="anthropic:claude-sonnet-5-5"))
            assert done.state.ended is not None
            problem = done.state.ended.problem or done.state.agents[0].lost
            assert problem is not None
            assert "*** \ufffd ***" in problem.message
            check_kept(done)

    @pytest.mark.slow
    def test_answers_transcripts_and_what_tools_returned(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        folder = tmp_path / "notes"
        folder.mkdir()
        (folder / "a.md").write_text(f"The key is {SECRETS['SOME_API_KEY']}.\n")
        script = [
            tool("read_file", {"path": "a.md"}),
            text(f"half \ud83d, {SECRETS['GITHUB_TOKEN']}", stop="pause_turn"),
            text(f"\udc00 done {SECRETS['client_secret']}"),
        ]
        with serving(lambda body: script.pop(0)) as server:
            monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
            options = Settings(model="anthropic:claude-sonnet-5-5", folders=(folder,))
            done = run_with(ONE, tmp_path / "run", options)
        assert done.state.ended is not None
        assert done.state.ended.result == "half \ufffd, ***\ufffd done ***"
        sent = json.dumps(server.requests)
        assert "The key is ***." in sent
        assert all(secret not in sent for secret in SECRETS.values())
        check_kept(done)

    def test_replies_and_failures_of_other_code(self, tmp_path: Path) -> None:
        async def agents(request: AgentRequest) -> AgentReply:
            if request.prompt == "raise":
                raise ValueError(f"no luck with {SECRETS['DB_PASSWORD']} \udfff")
            if request.prompt == "fail":
                raise AgentError("provider", SECRETS["SOME_API_KEY"], partial=[SECRETS["GITHUB_TOKEN"]])
            return AgentReply(
                value=f"{ANTHROPIC} \ud800",
                touched=(f"{SECRETS['SOME_API_KEY']}.md:1-1",),
                transcript=({"part": "text", "content": SECRETS["client_secret"]},),
            )

        source = "async def main(args):\n    return list(await parallel([agent(p) for p in ('raise', 'fail', 'say')]))"
        done = run_source(source, tmp_path, agents=agents)
        assert done.state.ended is not None
        assert (done.state.outcome, done.state.ended.result) == ("completed", [None, None, "*** \ufffd"])
        check_kept(done)
