"""Laws: one sentence each, over everything that is registered."""

from __future__ import annotations

import asyncio
import re
import typing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from runbook.documents import Document, documents
from runbook.engine import Engine, Sources
from runbook.failure_modes import failure_modes
from runbook.iam.actions import iam_actions
from runbook.local.scenarios import scenarios
from runbook.model import Deployment, Finding
from runbook.parameters import complete
from runbook.permissions import cluster_role, declared
from runbook.recording import Answer, Header, Recording, Request
from runbook.registry import GIVEN, Check, Evidence, load
from runbook.run import VALIDATION, replay
from tests.scenarios.test_scenarios import demonstrated

REGISTRY = load()
CHECKS = REGISTRY.checks.values()
ROOT = Path(__file__).parents[1]
DEPLOYMENT = Deployment(
    document="TroubleshootEbsCsiDriversForEks",
    execution="5f1c2d3e",
    region="us-east-1",
    account="111122223333",
    partition="aws",
    automation_role="arn:aws:iam::111122223333:role/steps",
    cloudformation_role="arn:aws:iam::111122223333:role/stacks",
    function_role="arn:aws:iam::111122223333:role/function",
    bucket="reports",
)
EACH_CHECK = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
NAMED = {"ApplicationPodName": "orders-0", "ApplicationNamespace": "shop"}


class Always:
    """A side that gives the same kind of answer to every question."""

    def __init__(self, make: typing.Callable[[Request], Answer]) -> None:
        self._make = make

    async def ask(self, request: Request) -> Answer:
        return self._make(request)


def refused(request: Request) -> Answer:
    return Answer(outcome="refused", message=f"{request.call} is forbidden")


def silent(request: Request) -> Answer:
    return Answer(outcome="failed", message="timed out")


def nothing(request: Request) -> Answer:
    if request.operation.startswith("list"):
        return Answer(outcome="ok", body={"items": [], "metadata": {}})
    if request.operation.startswith(("iam:List", "eks:List", "ec2:Describe")):
        return Answer(outcome="ok", body={})
    return Answer(outcome="absent", message="not found")


def findings(
    make: typing.Callable[[Request], Answer], document: Document, given: dict[str, str]
) -> list[Finding]:
    parameters = complete(document, {"EksClusterName": "shop", **given})
    header = Header(runbook=document.name, parameters=parameters, cluster={"name": "shop"}, now=NOW)
    engine = Engine(REGISTRY, Recording(header=header), Sources(kubernetes=Always(make), aws=Always(make)))

    async def run() -> list[Finding]:
        return await engine.judge(REGISTRY.family(document.family))

    return asyncio.run(run())


@pytest.mark.parametrize("given", [NAMED, {}], ids=["named", "nobody named"])
@pytest.mark.parametrize("make", [refused, silent, nothing])
@pytest.mark.parametrize("document", documents(), ids=lambda document: document.name)
def test_a_cluster_that_nobody_may_read_or_that_is_empty_passes_nothing(
    document: Document, make: typing.Callable[[Request], Answer], given: dict[str, str]
) -> None:
    told = [(f.check, f.status, f.summary) for f in findings(make, document, given)]
    assert [one for one in told if one[1] in ("PASS", "ERROR")] == []


@pytest.mark.parametrize("make", [refused, silent])
def test_what_cannot_be_known_stops_no_run_but_for_the_cluster_itself(
    make: typing.Callable[[Request], Answer],
) -> None:
    told = validation(make)
    assert [f.check for f in told if f.status not in ("UNKNOWN", "SKIPPED")] == [
        # Where the API server is EKS alone tells, and what was named needs nobody to tell.
        "deployment.validation.cluster_exists",
        "deployment.validation.parameters_agree",
    ]


def test_an_account_without_anything_lets_no_run_begin() -> None:
    told = validation(nothing)
    assert [f.check for f in told if f.status == "PASS"] == ["deployment.validation.parameters_agree"]
    assert [f.check for f in told if f.status == "ERROR"] == []
    assert "deployment.validation.cluster_exists" in [f.check for f in told if f.status == "FAIL"]


def validation(make: typing.Callable[[Request], Answer]) -> list[Finding]:
    document = documents()[0]
    parameters = complete(document, {"EksClusterName": "shop", **NAMED})
    header = Header(
        runbook=document.name,
        parameters=parameters,
        cluster={"name": "shop"},
        now=NOW,
        deployment=DEPLOYMENT,
    )
    engine = Engine(REGISTRY, Recording(header=header), Sources(aws=Always(make)))

    async def run() -> list[Finding]:
        return await engine.judge(REGISTRY.family(VALIDATION))

    return asyncio.run(run())


@EACH_CHECK
def test_a_check_may_only_follow_from_what_exists(check: Check) -> None:
    assert [name for name in check.after if not REGISTRY.named(name)] == []


@EACH_CHECK
def test_no_check_follows_from_itself(check: Check) -> None:
    assert check.id not in REGISTRY.upstream(check)


@EACH_CHECK
def test_a_symptom_names_what_can_produce_it(check: Check) -> None:
    assert check.kind != "symptom" or check.after, "name it in 'after'"


@EACH_CHECK
def test_a_check_says_what_it_is_for(check: Check) -> None:
    assert re.fullmatch(r"[A-Z].*\.", check.title), "the title is the healthy state, a sentence"
    assert not check.title.startswith("Check"), "the title is a state, not an order"
    assert check.why, "the rest of the docstring says why it matters"
    assert check.docs.startswith("https://")
    assert check.function.__name__ == check.id.rpartition(".")[2], "the function is named like its file"


@EACH_CHECK
def test_a_check_covers_known_failure_modes(check: Check) -> None:
    assert [one for one in check.covers if one not in failure_modes()] == []


@EACH_CHECK
def test_a_check_has_a_test_of_its_own(check: Check) -> None:
    family, topic, name = check.id.split(".")
    assert (ROOT / "tests" / "checks" / family / topic / f"test_{name}.py").is_file()


@EACH_CHECK
def test_a_check_fails_in_a_scenario(check: Check) -> None:
    assert [one.name for one in scenarios().values() if check.id in one.fails] != []


@EACH_CHECK
def test_a_cause_and_an_advisory_come_with_a_command(check: Check) -> None:
    if check.kind == "symptom":
        return
    problems = [
        finding
        for one in scenarios().values()
        for finding in demonstrated(one.name).report["findings"]
        if finding["check"] == check.id and finding["status"] == "FAIL"
    ]
    assert problems
    assert all(any(fix["command"] for fix in problem["fix"]) for problem in problems)


@pytest.mark.parametrize("name", scenarios())
def test_a_summary_is_a_clause(name: str) -> None:
    summaries = [f["summary"] for f in demonstrated(name).report["findings"] if f["status"] == "FAIL"]
    assert [one for one in summaries if one.endswith(".") or "\n" in one] == []


@pytest.mark.parametrize("name", scenarios())
def test_a_command_names_its_region(name: str) -> None:
    commands = [fix["command"] for f in demonstrated(name).report["findings"] for fix in f["fix"]]
    regional = [one for one in commands if re.search(r"\baws (ec2|eks) ", one)]
    assert [one for one in regional if "--region us-east-1" not in one] == []


@pytest.mark.parametrize("name", scenarios())
def test_a_problem_speaks_about_a_link_of_the_chain(name: str) -> None:
    report = demonstrated(name).report
    document = next(d for d in documents() if d.name == report["runbook"])
    recording = demonstrated(name).recording

    async def graph() -> typing.Any:
        return await Engine(REGISTRY, recording).evidence(document.graph)

    problems = [finding for finding in report["findings"] if finding["status"] == "FAIL"]
    # What stops a run stands before all chains: the cluster itself was not looked at.
    chained = [finding for finding in problems if finding["kind"] != "obstacle"]
    links = {resource.key for resource in asyncio.run(graph()).links} if chained else set()
    for finding in problems:
        resource = finding["resource"]
        if finding in chained:
            assert (resource["kind"], resource["namespace"], resource["name"]) in links, finding["id"]
        assert resource["kind"] in REGISTRY.checks[finding["check"]].about.split(", "), finding["id"]


@pytest.mark.parametrize("name", REGISTRY.evidence)
def test_a_parameter_has_the_type_of_the_evidence_it_names(name: str) -> None:
    everyone: list[Evidence | Check] = [*REGISTRY.evidence.values(), *CHECKS]
    for needing in everyone:
        hints = typing.get_type_hints(needing.function)
        if name in needing.needs:
            result = typing.get_type_hints(REGISTRY.evidence[name].function)["return"]
            assert hints[name] == result or result in typing.get_args(hints[name])
        assert [n for n in needing.needs if n not in REGISTRY.evidence and n not in GIVEN] == []


def test_every_declared_call_is_made_in_a_scenario() -> None:
    made = {
        request.call for name in scenarios() for request, _ in demonstrated(name).recording.entries.values()
    }
    assert sorted(declared(REGISTRY) - made) == []


def test_the_cluster_role_reads_and_never_reads_secrets() -> None:
    role = cluster_role(declared(REGISTRY))[0]
    assert {verb for rule in role["rules"] for verb in rule["verbs"]} <= {"get", "list"}
    named = {resource for rule in role["rules"] for resource in rule.get("resources", ())}
    assert "secrets" not in named
    assert not {one for one in named if "*" in one or "proxy" in one or "exec" in one}


def test_the_iam_actions_read() -> None:
    verbs = {action.split(":")[1] for action in iam_actions(declared(REGISTRY))}
    assert [v for v in verbs if not v.startswith(("Describe", "Get", "List", "Simulate"))] == []


@pytest.mark.parametrize("name", scenarios())
def test_a_run_and_its_replay_say_the_same(name: str) -> None:
    done = demonstrated(name)
    document = next(d for d in documents() if d.name == done.report["runbook"])
    assert replay(document, done.recording) == done.report
