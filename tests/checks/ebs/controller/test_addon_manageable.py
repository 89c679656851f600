from __future__ import annotations

import pytest

from runbook.checks.ebs.controller.addon_manageable import addon_manageable
from runbook.model import NotApplicable
from tests.given.account import addon, cluster, no_addon
from tests.given.aftercare import commands

WORDS = "--region us-east-1 --cluster-name shop --addon-name aws-ebs-csi-driver"


def test_no_issue() -> None:
    assert list(addon_manageable(addon(), cluster())) == []


def test_pods_that_are_not_ready_are_another_matter() -> None:
    unready = addon(status="DEGRADED", issues=(("InsufficientNumberOfReplicas", "…"),))
    assert list(addon_manageable(unready, cluster())) == []


def test_self_managed() -> None:
    with pytest.raises(NotApplicable, match="the driver is not installed as add-on aws-ebs-csi-driver"):
        list(addon_manageable(no_addon(), cluster()))


def test_a_conflict() -> None:
    (problem,) = addon_manageable(addon(issues=(("ConfigurationConflict", "Conflicts found."),)), cluster())
    assert problem.summary == (
        "EKS cannot manage add-on aws-ebs-csi-driver, because another manager owns fields that EKS wants "
        "to set: "
        "Conflicts found"
    )
    assert commands(problem) == [
        f"aws eks update-addon {WORDS} --addon-version v1.64.0-eksbuild.1 --resolve-conflicts OVERWRITE",
        f"aws eks describe-addon {WORDS} --query addon.status",
    ]
    assert [step.destructive for step in problem.fix] == [True, False]


@pytest.mark.parametrize(
    ("code", "meaning", "first"),
    [
        (
            "AccessDenied",
            "EKS has no right to change the add-on's objects in the cluster",
            "Give EKS its rights back: the ClusterRole and ClusterRoleBinding eks:addon-manager",
        ),
        (
            "AddonPermissionFailure",
            "the add-on's role lacks rights in AWS",
            "Give the add-on's role what the message asks for",
        ),
        (
            "AdmissionRequestDenied",
            "an admission webhook, a policy or a quota refuses its objects",
            "Let the webhook or policy that the message names admit the objects of the driver's namespace",
        ),
    ],
)
def test_what_must_be_done_first(code: str, meaning: str, first: str) -> None:
    (problem,) = addon_manageable(addon(issues=((code, "denied"),)), cluster())
    assert problem.summary == f"EKS cannot manage add-on aws-ebs-csi-driver, because {meaning}: denied"
    assert problem.fix[0].text == first


def test_deleted_objects() -> None:
    (problem,) = addon_manageable(addon(issues=(("K8sResourceNotFound", "gone"),)), cluster())
    assert problem.brief == "K8sResourceNotFound: objects that EKS made were deleted"
