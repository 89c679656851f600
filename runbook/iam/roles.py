"""The roles of a deployment, and the policy for people: who has each, what for, and its grants."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from runbook.deployment import SWEEPER
from runbook.documents import documents
from runbook.documents.render import calls, rendered
from runbook.iam import services, steps
from runbook.iam.actions import iam_actions
from runbook.iam.grants import Conditions, Grant, select
from runbook.permissions import declared
from runbook.registry import load


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """`purpose` is the word in its name; `service` assumes it, or nobody does: it is a policy for people.

    `key` are the actions that it needs on the key of the report bucket, if that has one.
    """

    purpose: str
    service: str
    what: str
    grants: tuple[Grant, ...]
    key: tuple[str, ...] = ()


@functools.cache
def roles() -> dict[str, Role]:
    """Each by its purpose. Raises LookupError for a declared call that no grant fits."""
    found = (
        Role(
            purpose="automation",
            service="ssm",
            what="The steps of the runbooks.",
            grants=(*select(_asked(), steps.RUNBOOKS), *steps.RUNBOOKS_BESIDES),
            key=("kms:Decrypt", "kms:GenerateDataKey"),
        ),
        Role(
            purpose="cloudformation",
            service="cloudformation",
            what="CloudFormation, when it makes and removes the stack of a run.",
            grants=services.CLOUDFORMATION,
        ),
        Role(
            purpose="function",
            service="lambda",
            what="Lambda, for the temporary function; it outlives the function, whose network interfaces are "
            "removed with it. The function itself asks AWS nothing.",
            grants=services.FUNCTION,
        ),
        Role(
            purpose="sweeper",
            service="ssm",
            what="The document that removes what runs left behind.",
            grants=(
                *select(iam_actions(calls(rendered()[SWEEPER])), steps.SWEEPER),
                *steps.SWEEPER_BESIDES,
            ),
        ),
        Role(
            purpose="events",
            service="events",
            what="EventBridge, when it starts the sweeper.",
            grants=services.EVENTS,
        ),
        Role(
            purpose="operator",
            service="",
            what="A managed policy for those who start, watch and stop runbooks and read their reports.",
            grants=services.OPERATOR,
            key=("kms:Decrypt",),
        ),
    )
    return {role.purpose: role for role in found}


def with_key(role: Role) -> tuple[Grant, ...]:
    """The grants of a role where the report bucket is encrypted with a key: its use, through S3 alone."""
    if not role.key:
        return role.grants
    through: Conditions = {"StringEquals": {"kms:ViaService": ("s3.{region}.{suffix}",)}}
    return (*role.grants, Grant(sid="UseKey", actions=role.key, resources=("{key}",), conditions=through))


def _asked() -> tuple[str, ...]:
    """The actions of the runbooks' own steps and of all that evidence asks."""
    own = (calls(rendered()[document.name]) for document in documents())
    return iam_actions(declared(load()).union(*own))
