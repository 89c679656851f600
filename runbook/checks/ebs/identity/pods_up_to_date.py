"""Pods of the controller that were made before it was given its identity."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.evidence.ebs.aftercare import Aftercare
from runbook.evidence.ebs.callers import Caller
from runbook.evidence.ebs.driver import Controller
from runbook.evidence.ebs.driver_role import role_named
from runbook.evidence.ebs.identity import CONTAINER_CREDENTIALS, PLUGIN, Identity, ServiceAccount
from runbook.evidence.pods import Pod
from runbook.model import NotApplicable, Problem, Unavailable
from runbook.registry import check
from runbook.wording import names

#: By mode of identity the variable that EKS adds to new pods.
_GIVEN = {"web identity": "AWS_ROLE_ARN", "pod identity": CONTAINER_CREDENTIALS}


@check(
    severity="critical",
    about="Deployment",
    covers=["EBS-I09"],
    docs="https://docs.aws.amazon.com/eks/latest/userguide/pod-id-association.html",
)
def pods_up_to_date(
    present_controller: Controller,
    controller_pods: tuple[Pod, ...],
    identity: Identity,
    service_account: ServiceAccount,
    callers: tuple[Caller, ...],
    aftercare: Aftercare,
) -> Iterator[Problem]:
    """The controller's pods carry their present identity.

    EKS gives a pod its identity when the pod is made. Pods that are older than the annotation or the
    association go on with what they had, most often the role of their node.
    """
    variable = _GIVEN.get(identity.mode)
    if variable is None:
        raise NotApplicable("the controller is given no identity of its own")
    without = [
        pod for pod in controller_pods if not pod.terminating and not pod.variables(PLUGIN).get(variable)
    ]
    if not without:
        return
    role = role_named(identity.working_role or service_account.role_arn).name
    others = [caller for caller in callers if caller.role != role]
    if not others:
        raise Unavailable(
            f"{names(p.resource.path for p in without)} do not carry role {role}, "
            "and nothing seen tells with which role they work"
        )
    used = f"work as role {others[0].role}" if others[0].role else "have no credentials"
    yield Problem(
        resource=present_controller.resource,
        summary=f"the controller's pods were made without role {role}, which "
        f"{_giver(identity, service_account)}, and {used}",
        brief=f"its pods were made without role {role}",
        facts=(f"{variable} is missing in {names(p.resource.path for p in without)}.",),
        evidence=(others[0].quote,),
        fix=(*aftercare.restart(), *aftercare.verify()),
    )


def _giver(identity: Identity, account: ServiceAccount) -> str:
    if identity.mode == "web identity":
        return f"ServiceAccount {account.resource.path} names now"
    return f"EKS Pod Identity gives to ServiceAccount {account.resource.path} now"
