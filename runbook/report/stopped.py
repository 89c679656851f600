"""What the report of a stopped run says beside its obstacles: what was not reached, how to start again."""

from __future__ import annotations

import json

from runbook.commands import aws
from runbook.deployment import is_ours
from runbook.diagnosis import Diagnosis
from runbook.documents import Parameter
from runbook.recording import Header
from runbook.wording import count

#: The section that tells what a deployed run looked at before it deployed anything.
TOPIC = "validation"
#: By check the parameter at fault, and what stands for it in the command that starts again.
_AT_FAULT = {
    "deployment.validation.bucket_owner": ("S3BucketName", ""),
    "deployment.validation.bucket_region": ("S3BucketName", ""),
    "deployment.validation.bucket_writable": ("S3BucketName", ""),
    "deployment.validation.cluster_exists": ("EksClusterName", "CLUSTER_NAME"),
    "deployment.validation.parameters_agree": ("ApplicationNamespace", "NAMESPACE"),
}
#: The checks that are mended by a permission where the role is the user's own: its parameters may stay.
_BY_PERMISSION = ("deployment.validation.bucket_writable",)
_TO_FILL_IN = [instead for _, instead in _AT_FAULT.values() if instead]


def not_reached(diagnosis: Diagnosis) -> list[dict[str, str]]:
    """The runbook's own checks as one entry, when the run was stopped before them."""
    if not diagnosis.obstacles:
        return []
    family = diagnosis.document.family
    return [
        {
            "check": family,
            "title": f"All {count(len(diagnosis.registry.family(family)), 'check')} of this runbook.",
            "reason": "the run was stopped before it asked the cluster",
            "grant": "",
        }
    ]


def start_again(diagnosis: Diagnosis, header: Header) -> list[dict[str, str]]:
    """The command that started the run, its parameters corrected as far as that is known."""
    if header.deployment is None:
        return []
    own_role = not is_ours(header.deployment.automation_role)
    corrected = {**header.parameters, **_corrections(diagnosis, own_role=own_role)}
    given = {
        parameter.name: [corrected[parameter.name]]
        for parameter in diagnosis.document.parameters
        if corrected.get(parameter.name) and not _by_default(parameter, corrected[parameter.name])
    }
    filled = [value for value in corrected.values() if value in _TO_FILL_IN]
    start = ("--document-name", diagnosis.document.name, "--parameters", json.dumps(given))
    return [
        {
            "text": "Start the runbook again"
            + (f" (put the right name in place of {filled[0]})" if filled else ""),
            "command": aws(header.deployment.region, "ssm", "start-automation-execution", *start),
        }
    ]


def _corrections(diagnosis: Diagnosis, *, own_role: bool) -> dict[str, str]:
    """By parameter what to start with instead; empty where it is best left out."""
    corrections = {}
    for finding in diagnosis.obstacles:
        if finding.check in _AT_FAULT and not (own_role and finding.check in _BY_PERMISSION):
            parameter, instead = _AT_FAULT[finding.check]
            corrections[parameter] = instead
    return corrections


def _by_default(parameter: Parameter, value: str) -> bool:
    """Whether a parameter has what document or deployment gave it, which need not be given again."""
    return value == parameter.default or (parameter.deployment_only and is_ours(value))
