"""What a deployed run finds before it deploys anything, on the embedded account."""

from __future__ import annotations

import asyncio
import functools
from typing import Any

import pytest

from runbook.documents import documents
from runbook.engine import Engine
from runbook.evidence.deployment.network import ProxyNetwork
from runbook.local.embedded import embedded
from runbook.local.scenarios import scenarios
from runbook.local.validated import EXECUTION, install, validated
from runbook.local.world import STORY_TIME
from runbook.recording import Answer, Recording
from runbook.registry import load
from runbook.report import render
from runbook.report.build import with_left_behind
from runbook.run import replay
from tests.scenarios.test_scenarios import demonstrated

START = (
    "aws ssm start-automation-execution --region us-east-1 "
    "--document-name TroubleshootEbsCsiDriversForEks --parameters "
)
ORDERS = '"ApplicationPodName": ["orders-0"], "ApplicationNamespace": ["shop"]'


@functools.cache
def begun(name: str) -> Recording:
    """The beginning of a deployed run of any scenario."""
    scenario = scenarios()[name]
    world = scenario.world()
    install(world)
    with embedded(world) as servers:
        return asyncio.run(validated(scenario, servers, lambda: STORY_TIME))


def report(recording: Recording) -> dict[str, Any]:
    return replay(documents()[0], recording)


def network(recording: Recording) -> ProxyNetwork:
    async def ask() -> Any:
        return await Engine(load(), recording).evidence("proxy_network")

    found: ProxyNetwork = asyncio.run(ask())
    return found


def statuses(made: dict[str, Any]) -> dict[str, str]:
    return {
        finding["check"].rpartition(".")[2]: finding["status"]
        for finding in made["findings"]
        if finding["topic"] == "validation"
    }


def test_nothing_stops_a_run_in_a_healthy_account() -> None:
    made = report(begun("all_well"))
    assert (made["obstacles"], made["execution"], made["sections"][0]) == ([], EXECUTION, "validation")
    told = statuses(made)
    assert told.pop("endpoint_reachable") == "SKIPPED"
    assert set(told.values()) == {"PASS"}
    assert len(told) == 14
    assert network(begun("all_well")) == ProxyNetwork(
        subnets=("subnet-0aaa1111bbbb2222c", "subnet-0bbb1111cccc2222d"),
        security_group="sg-0a1b2c3d4e5f60718",
    )


def test_a_nat_gateway_that_is_let_in_is_a_way() -> None:
    made = report(begun("endpoint_lets_in_the_nat_gateway"))
    assert (made["obstacles"], statuses(made)["endpoint_reachable"]) == ([], "PASS")
    assert len(network(begun("endpoint_lets_in_the_nat_gateway")).subnets) == 2


def test_a_refusal_stops_nothing_and_is_told_with_its_grant() -> None:
    recording = begun("subnets_full")
    refused = Recording(header=recording.header)
    for request, answer in recording.entries.values():
        asked = request.call == "ec2:DescribeSubnets"
        refused.add(request, Answer(outcome="refused", message="no") if asked else answer)
    made = report(refused)
    assert made["obstacles"] == []
    assert [
        (entry["check"], entry["grant"]) for entry in made["not_checked"] if "deployment" in entry["check"]
    ] == [
        (f"deployment.validation.{name}", "allow ec2:DescribeSubnets (docs/permissions.md)")
        for name in ("security_group_rules", "subnets_have_addresses")
    ]
    assert network(refused).subnets == ("subnet-0aaa1111bbbb2222c", "subnet-0bbb1111cccc2222d")


@pytest.mark.parametrize(
    ("name", "text", "parameters"),
    [
        (
            "no_access_entry",
            "Start the runbook again",
            f"""'{{"EksClusterName": ["shop"], {ORDERS}}}'""",
        ),
        (
            "cluster_misspelt",
            "Start the runbook again (put the right name in place of CLUSTER_NAME)",
            f"""'{{"EksClusterName": ["CLUSTER_NAME"], {ORDERS}}}'""",
        ),
        (
            "bucket_in_another_region",
            "Start the runbook again",
            f"""'{{"EksClusterName": ["shop"], {ORDERS}}}'""",
        ),
        (
            "bucket_public",
            "Start the runbook again",
            f"""'{{"EksClusterName": ["shop"], {ORDERS}}}'""",
        ),
        (
            "bucket_not_writable",
            "Start the runbook again",
            f"""'{{"EksClusterName": ["shop"], {ORDERS}}}'""",
        ),
        (
            "steps_may_not_write",
            "Start the runbook again",
            """'{"AutomationAssumeRole": ["arn:aws:iam::111122223333:role/shop-runbooks"], """
            f""""EksClusterName": ["shop"], {ORDERS}, "S3BucketName": ["shop-reports"]}}'""",
        ),
        (
            "pod_without_namespace",
            "Start the runbook again (put the right name in place of NAMESPACE)",
            """'{"EksClusterName": ["shop"], "ApplicationPodName": ["orders-0"], """
            """"ApplicationNamespace": ["NAMESPACE"]}'""",
        ),
    ],
)
def test_how_to_start_again(name: str, text: str, parameters: str) -> None:
    assert demonstrated(name).report["look_next"] == [{"text": text, "command": START + parameters}]


def test_a_stopped_run_tells_why_and_in_one_line_that_the_rest_was_not_reached() -> None:
    made = demonstrated("function_role_of_ec2").report
    assert made["sentence"] == (
        "nothing was looked at in cluster shop, because role shop-proxy, meant for the run's temporary function, "
        "does not trust lambda.amazonaws.com (1 more below)."
    )
    assert [obstacle["finding"] for obstacle in made["obstacles"]] == [
        "deployment.validation.function_role_assumable#1",
        "deployment.validation.function_role_passable#1",
    ]
    assert [(entry["check"], entry["reason"]) for entry in made["not_checked"]] == [
        ("ebs", "the run was stopped before it asked the cluster")
    ]
    assert (made["asked"], made["chain"], made["causes"], made["notices"]) == ([], [], [], [])
    assert made["sections"] == ["validation"]


def test_a_laptop_run_shows_nothing_of_it() -> None:
    made = demonstrated("all_well").report
    assert (made["execution"], made["obstacles"], made["left_behind"]) == ("", [], [])
    assert "validation" not in made["sections"]
    assert [f["check"] for f in made["findings"] if f["family"] == "deployment"] == []


def test_what_was_left_behind_is_told_near_the_top() -> None:
    left = {"text": "stack s is still there", "command": "aws cloudformation delete-stack --stack-name s"}
    made = with_left_behind(demonstrated("all_well").report, [left])
    assert made["left_behind"] == [left]
    lines = [line.strip() for line in render(made, "text").splitlines()]
    told = lines.index("LEFT BEHIND")
    assert lines[told + 1 : told + 3] == ["Stack s is still there. To remove it:", left["command"]]
    assert told < lines.index("SEEN WORKING")
