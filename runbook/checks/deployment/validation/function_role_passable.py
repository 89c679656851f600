"""The roles that a run hands on."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.commands import command, policy
from runbook.deployment import PREFIX
from runbook.evidence.deployment.roles import CLOUDFORMATION, LAMBDA, Passing
from runbook.model import Fix, Problem, Seen
from runbook.registry import check

_SERVICES = {LAMBDA: "Lambda", CLOUDFORMATION: "CloudFormation"}
_KNOB = {LAMBDA: "lambdaRoles"}


@check(
    severity="critical",
    kind="obstacle",
    about="Role",
    docs="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
)
def function_role_passable(role_passing: Seen[Passing]) -> Iterator[Problem]:
    """Each role of the run may pass on the next one.

    The steps pass one role to CloudFormation, and CloudFormation passes another to the function that it
    makes. Each needs iam:PassRole for exactly that role and that service.
    """
    for passing in role_passing:
        if passing.decision != "allowed":
            yield Problem(resource=passing.by, summary=_summary(passing), fix=fix(passing))


def _summary(passing: Passing) -> str:
    by, role, service = passing.by.name, passing.role.name, _SERVICES[passing.to]
    match passing.decision:
        case "no such role":
            return f"role {by}, which should pass role {role} to {service}, does not exist"
        case "ruled out":
            return (
                f"role {by} is forbidden to pass role {role} to {service} (iam:PassRole): an explicit Deny, "
                "a permissions boundary or the organization rules it out"
            )
    return f"role {by} may not pass role {role} to {service}: it lacks iam:PassRole for it"


def fix(passing: Passing) -> tuple[Fix, ...]:
    """The permission, and how it stays."""
    if passing.decision == "no such role":
        query = f"Roles[?starts_with(RoleName, '{PREFIX}-')].Arn"
        listing = command("aws", "iam", "list-roles", "--query", query)
        text = "The role comes with the deployment: deploy the stack again, or name a role that exists"
        return (Fix(text=text, command=listing),)
    ask = Fix(
        text="It worked when this says allowed",
        command=command(
            "aws", "iam", "simulate-principal-policy", "--policy-source-arn", passing.by.arn,
            "--action-names", "iam:PassRole", "--resource-arns", passing.role.arn, "--context-entries",
            f"ContextKeyName=iam:PassedToService,ContextKeyValues={passing.to},ContextKeyType=string",
            "--query", "EvaluationResults[0].EvalDecision", "--output", "text",
        ),
        verifies=True,
    )  # fmt: skip
    if passing.decision == "ruled out":
        look = command("aws", "iam", "get-role", "--role-name", passing.by.name)
        text = "Ask whoever keeps these rules; a permissions boundary of the role shows here"
        return (Fix(text=text, command=look), ask)
    return (_allow(passing), ask)


def _allow(passing: Passing) -> Fix:
    statement = {
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": passing.role.arn,
        "Condition": {"StringEquals": {"iam:PassedToService": passing.to}},
    }
    knob = _KNOB.get(passing.to)
    stays = f", or name role {passing.role.name} in {knob} of cdk.json and deploy again" if knob else ""
    return Fix(
        text=f"Allow exactly this{stays}",
        command=command(
            "aws", "iam", "put-role-policy", "--role-name", passing.by.name,
            "--policy-name", f"pass-{passing.role.name}", "--policy-document", policy(statement),
        ),
    )  # fmt: skip
