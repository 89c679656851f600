"""The engine on checks and evidence of its own: statuses, sharing, provenance."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime
from typing import Any

from runbook.engine import Engine, Sources
from runbook.model import Finding, NotApplicable, Problem, Resource, Seen, Unavailable
from runbook.ports.aws import Aws
from runbook.recording import Answer, Header, Recording, Request
from runbook.registry import Check, Evidence, Registry

NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
ROLE = Resource(kind="Role", name="r")


def recording() -> Recording:
    return Recording(
        header=Header(runbook="Test", parameters={"Name": "x"}, cluster={"name": "shop"}, now=NOW)
    )


def provider(function: Callable[..., Coroutine[Any, Any, Any]], *calls: str, **more: Any) -> Evidence:
    needs = tuple(function.__code__.co_varnames[: function.__code__.co_argcount])
    return Evidence(
        name=function.__name__,
        calls=frozenset(calls),
        function=function,
        needs=needs,
        tolerates={name: more.get(name, ()) for name in needs},
    )


def check(function: Callable[..., Iterator[Problem]], **tolerates: Any) -> Check:
    needs = tuple(function.__code__.co_varnames[: function.__code__.co_argcount])
    return Check(
        id=f"test.topic.{function.__name__}",
        title="All is well.",
        why="",
        severity="high",
        kind="cause",
        about="Role",
        covers=(),
        after=(),
        docs="",
        function=function,
        needs=needs,
        tolerates={name: tolerates.get(name, ()) for name in needs},
    )


def judge(checks: list[Check], evidence: list[Evidence], **kwargs: Any) -> list[Finding]:
    registry = Registry(evidence={e.name: e for e in evidence}, checks={c.id: c for c in checks})
    made: Recording = kwargs.pop("recording", None) or recording()

    async def run() -> list[Finding]:
        return await Engine(registry, made, **kwargs).judge(checks)

    return asyncio.run(run())


def told(findings: list[Finding]) -> list[tuple[str, str, str]]:
    return [(finding.id, finding.status, finding.summary) for finding in findings]


async def role(parameters: dict[str, str]) -> str:
    return parameters["Name"]


def silent(role: str) -> Iterator[Problem]:
    assert role == "x"
    yield from ()


def two(role: str) -> Iterator[Problem]:
    yield Problem(resource=ROLE, summary="second")
    yield Problem(resource=ROLE, summary="first")


def test_silence_is_a_pass_and_each_problem_a_finding() -> None:
    assert told(judge([check(silent), check(two)], [provider(role)])) == [
        ("test.topic.silent", "PASS", "All is well."),
        ("test.topic.two#1", "FAIL", "first"),
        ("test.topic.two#2", "FAIL", "second"),
    ]


def test_unavailable_evidence_is_unknown_and_names_the_grant() -> None:
    async def role() -> str:
        raise Unavailable("iam:GetRole was refused", grant="allow iam:GetRole")

    (finding,) = judge([check(silent)], [provider(role)])
    assert (finding.status, finding.summary, finding.grant) == (
        "UNKNOWN",
        "iam:GetRole was refused",
        "allow iam:GetRole",
    )


def test_not_applicable_is_skipped_even_beside_something_unavailable() -> None:
    async def role() -> str:
        raise NotApplicable("the driver uses Pod Identity")

    async def other() -> str:
        raise Unavailable("refused")

    def both(other: str, role: str) -> Iterator[Problem]:
        yield from ()

    (finding,) = judge([check(both)], [provider(role), provider(other)])
    assert (finding.status, finding.summary) == ("SKIPPED", "the driver uses Pod Identity")


def test_a_crash_of_check_or_provider_is_an_error_and_takes_nothing_with_it() -> None:
    async def broken() -> str:
        raise ZeroDivisionError("division by zero")

    def uses(broken: str) -> Iterator[Problem]:
        yield from ()

    def crashes(role: str) -> Iterator[Problem]:
        yield Problem(resource=ROLE, summary="seen before")
        raise KeyError("spec")

    assert told(judge([check(uses), check(crashes), check(silent)], [provider(role), provider(broken)])) == [
        ("test.topic.crashes#1", "FAIL", "seen before"),
        ("test.topic.crashes", "ERROR", "KeyError: 'spec'"),
        ("test.topic.silent", "PASS", "All is well."),
        ("test.topic.uses", "ERROR", "ZeroDivisionError: division by zero"),
    ]


def test_a_gap_between_things_seen_is_unknown_beside_the_problems() -> None:
    async def roles() -> Seen[str]:
        return Seen(("a",), (Unavailable("b was refused"),))

    def each(roles: Seen[str]) -> Iterator[Problem]:
        for name in roles:
            yield Problem(resource=ROLE, summary=f"{name} is wrong")

    assert told(judge([check(each)], [provider(roles)])) == [
        ("test.topic.each#1", "FAIL", "a is wrong"),
        ("test.topic.each", "UNKNOWN", "b was refused"),
    ]


def test_a_tolerant_parameter_receives_the_refusal_as_a_value() -> None:
    async def role() -> str:
        raise Unavailable("refused")

    def tolerant(role: str | Unavailable) -> Iterator[Problem]:
        assert isinstance(role, Unavailable)
        yield Problem(resource=ROLE, summary=f"was {role.reason}")

    assert told(judge([check(tolerant, role=(Unavailable,))], [provider(role)])) == [
        ("test.topic.tolerant#1", "FAIL", "was refused")
    ]


def test_evidence_is_made_once_and_findings_name_what_it_asked() -> None:
    made = recording()
    request = Request(port="aws", operation="iam:GetRole", parameters={"RoleName": "r"}, fields=("Role.Arn",))
    made.add(request, Answer(outcome="ok", body={"Role": {"Arn": "arn"}}))
    times: list[str] = []

    async def role(aws: Aws) -> str:
        times.append("made")
        assert await aws.call("iam:GetRole", RoleName="r", fields=("Role.Arn",)) == {"Role": {"Arn": "arn"}}
        return "x"

    findings = judge([check(silent), check(two)], [provider(role, "iam:GetRole")], recording=made)
    assert times == ["made"]
    assert {finding.calls for finding in findings} == {("iam:GetRole RoleName=r",)}


def test_an_undeclared_call_is_an_error_never_a_question() -> None:
    asked: list[Request] = []

    class Source:
        async def ask(self, request: Request) -> Answer:
            asked.append(request)
            return Answer(outcome="ok", body={})

    async def role(aws: Aws) -> str:
        await aws.call("iam:DeleteRole", RoleName="r", fields=("x",))
        return "x"

    (finding,) = judge([check(silent)], [provider(role, "iam:GetRole")], sources=Sources(aws=Source()))
    assert (finding.status, finding.summary) == (
        "ERROR",
        "Undeclared: evidence 'role' asks iam:DeleteRole without declaring it",
    )
    assert asked == []
