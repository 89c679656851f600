from __future__ import annotations

import pytest

from runbook.checks.ebs.controller.metadata import metadata
from runbook.evidence.ebs.logs import NO_METADATA, NO_METADATA_SOURCE, Log
from runbook.model import NotApplicable, Problem, Seen, Unavailable
from tests.given.account import addon, cluster, no_addon
from tests.given.aftercare import VERIFY, aftercare, commands
from tests.given.driver import controller, controller_pod, crashing, log

DOWN = controller_pod(crashing("ebs-plugin"))
HEALTH = "Failed health check (verify network connection and IAM credentials): dry-run EC2 API call failed: …"


def judge(*logs: Log, self_managed: bool = False) -> list[Problem]:
    of = no_addon() if self_managed else addon()
    return list(metadata(controller(), Seen(logs), cluster(), of, aftercare()))


@pytest.mark.parametrize("wording", [*NO_METADATA, *NO_METADATA_SOURCE])
def test_the_driver_names_the_metadata(wording: str) -> None:
    (problem,) = judge(log("ebs-plugin", f"E1121 {wording}", DOWN, previous=True))
    assert problem.summary == (
        "controller kube-system/ebs-csi-controller ends because it cannot read the metadata of its node"
    )
    assert [quote.excerpt for quote in problem.evidence] == [f"E1121 {wording}"]
    assert commands(problem) == [
        (
            "aws eks describe-addon --region us-east-1 --cluster-name shop --addon-name aws-ebs-csi-driver "
            "--query addon.configurationValues"
        ),
        (
            "aws eks update-addon --region us-east-1 --cluster-name shop --addon-name aws-ebs-csi-driver "
            """--configuration-values '{"controller": {"region": "us-east-1"}}' """
            "--resolve-conflicts PRESERVE"
        ),
        VERIFY,
    ]


def test_self_managed() -> None:
    (problem,) = judge(log("ebs-plugin", NO_METADATA[0], DOWN), self_managed=True)
    assert (
        problem.fix[0].text
        == "Tell the driver its Region: value controller.region=us-east-1 of its Helm chart"
    )


def test_one_source_less_is_no_cause_when_the_driver_came_further() -> None:
    assert judge(log("ebs-plugin", f"W1121 {NO_METADATA_SOURCE[0]}\nE1121 {HEALTH}", DOWN)) == []


def test_a_driver_that_runs_found_another_source() -> None:
    assert judge(log("ebs-plugin", f"W1121 {NO_METADATA_SOURCE[0]}", controller_pod())) == []


def test_a_driver_that_ends_without_a_word_is_unknown() -> None:
    with pytest.raises(Unavailable, match="ebs-plugin is not ready, and its log does not tell why"):
        judge(log("ebs-plugin", "I1121 started", DOWN))


def test_no_pods() -> None:
    with pytest.raises(NotApplicable, match="the controller has no pods"):
        judge()


def test_the_region_is_unknown_without_aws() -> None:
    (problem,) = metadata(
        controller(),
        Seen((log("ebs-plugin", NO_METADATA[0], DOWN),)),
        Unavailable("refused"),
        Unavailable("refused"),
        aftercare(),
    )
    assert (
        problem.fix[0].text == "Tell the driver its Region: value controller.region=REGION of its Helm chart"
    )
