"""From a question to a recorded answer."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from runbook.model import Unavailable
from runbook.ports.asking import Asker, Provenance, asking
from runbook.recording import Answer, Header, Outcome, Recording, Request

NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
OK = Answer(outcome="ok", body={"Role": {"Arn": "arn", "Path": "/"}})


class Scripted:
    """Answers in turn, and remembers what it was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[Request] = []

    async def ask(self, request: Request) -> Answer:
        self.asked.append(request)
        await asyncio.sleep(0)
        return self.answers.pop(0)


def question(*fields: str) -> Request:
    return Request(port="aws", operation="iam:GetRole", parameters={"RoleName": "r"}, fields=fields)


def ask(source: Scripted | None, *requests: Request, together: bool = False) -> list[Answer | str]:
    recording = Recording(header=Header(runbook="", parameters={}, cluster={"name": ""}, now=NOW))
    asker = Asker(recording, source)

    async def one(request: Request) -> Answer | str:
        try:
            return await asker.ask(request)
        except Unavailable as unavailable:
            return f"{unavailable.reason} [{unavailable.grant}]"

    async def run() -> list[Answer | str]:
        with asking(Provenance("test", frozenset({"iam:GetRole"}))):
            if together:
                return list(await asyncio.gather(*(one(request) for request in requests)))
            return [await one(request) for request in requests]

    return asyncio.run(run())


@pytest.mark.parametrize("together", [True, False])
def test_a_question_is_asked_once(together: bool) -> None:
    source = Scripted(OK)
    assert ask(source, question("Role"), question("Role"), together=together) == [OK, OK]
    assert len(source.asked) == 1


def test_a_wider_question_is_asked_with_the_fields_of_both() -> None:
    source = Scripted(OK, OK)
    ask(source, question("Role.Arn"), question("Role.Path"))
    assert [request.fields for request in source.asked] == [("Role.Arn",), ("Role.Arn", "Role.Path")]


def test_a_narrower_question_is_not_asked_again() -> None:
    source = Scripted(OK)
    ask(source, question("Role"), question("Role.Arn"))
    assert len(source.asked) == 1


@pytest.mark.parametrize("outcome", ["absent", "refused"])
def test_refused_and_absent_are_not_asked_again(outcome: Outcome) -> None:
    source = Scripted(Answer(outcome=outcome, message="no"))
    ask(source, question("Role"), question("Role"))
    assert len(source.asked) == 1


def test_a_failure_is_asked_again() -> None:
    source = Scripted(Answer(outcome="failed", message="timed out"), OK)
    assert ask(source, question("Role"), question("Role")) == ["timed out []", OK]


def test_a_refusal_names_the_grant() -> None:
    refused = Answer(outcome="refused", message="iam:GetRole answered AccessDenied")
    assert ask(Scripted(refused), question("Role")) == [
        "iam:GetRole answered AccessDenied [allow iam:GetRole (docs/permissions.md)]"
    ]


def test_in_replay_what_was_not_recorded_is_unavailable_never_absent() -> None:
    assert ask(None, question("Role")) == ["not recorded []"]


def test_two_projections_asked_at_once_end_in_one_answer_that_holds_both() -> None:
    source = Scripted(OK, OK)
    assert ask(source, question("Role.Arn"), question("Role.Path"), together=True) == [OK, OK]
    assert source.asked[-1].fields == ("Role.Arn", "Role.Path")
