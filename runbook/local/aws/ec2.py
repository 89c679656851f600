"""EC2's lists: moto's answers with the state's own words laid over them, and AWS's words for wrong ids."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from runbook.local.aws.account import Account, Operation
from runbook.local.aws.moto_wire import AwsError, Json, not_embedded


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Where an answer has its items, and what EC2 says when it is asked for ids of nothing.

    `id_key` is the id's name in an item and, with an s, that of the parameter with the ids asked for.
    `malformed` (prefix, code, words) is for operations that also look at the form of an id.
    """

    path: tuple[str, ...]
    id_key: str
    code: str
    words: str
    malformed: tuple[str, str, str] | None = None


def _instances(*path: str) -> Listing:
    return Listing(
        path=path,
        id_key="InstanceId",
        code="InvalidInstanceID.NotFound",
        words="The instance ID{s} '{ids}' {do} not exist",
        malformed=("i", "InvalidInstanceID.Malformed", 'Invalid id: "{}"'),
    )


LISTINGS = {
    "DescribeInstances": _instances("Reservations", "Instances"),
    "DescribeInstanceStatus": _instances("InstanceStatuses"),
    "DescribeVolumes": Listing(
        path=("Volumes",),
        id_key="VolumeId",
        code="InvalidVolume.NotFound",
        words="The volume{s} '{ids}' {do} not exist.",
        malformed=(
            "vol",
            "InvalidParameterValue",
            "Value ({}) for parameter volumes is invalid. Expected: 'vol-...'.",
        ),
    ),
    "DescribeVpcs": Listing(
        path=("Vpcs",),
        id_key="VpcId",
        code="InvalidVpcID.NotFound",
        words="The vpc ID{s} '{ids}' {do} not exist",
    ),
    "DescribeSubnets": Listing(
        path=("Subnets",),
        id_key="SubnetId",
        code="InvalidSubnetID.NotFound",
        words="The subnet ID{s} '{ids}' {do} not exist",
    ),
    "DescribeRouteTables": Listing(
        path=("RouteTables",),
        id_key="RouteTableId",
        code="InvalidRouteTableID.NotFound",
        words="The routeTable ID{s} '{ids}' {do} not exist",
    ),
    "DescribeVpcEndpoints": Listing(
        path=("VpcEndpoints",),
        id_key="VpcEndpointId",
        code="InvalidVpcEndpointId.NotFound",
        words="The Vpc Endpoint Id{s} '{ids}' {do} not exist",
    ),
    "DescribeNatGateways": Listing(
        path=("NatGateways",),
        id_key="NatGatewayId",
        code="NatGatewayNotFound",
        words="NAT gateway {ids} was not found",
    ),
}


def _items(answer: Json, path: tuple[str, ...]) -> Iterator[Json]:
    for item in answer[path[0]]:
        if path[1:]:
            yield from _items(item, path[1:])
        else:
            yield item


def _refuse_wrong_ids(operation: str, listing: Listing, account: Account, asked: list[str]) -> None:
    """EC2 answers nothing at all when one of the ids is wrong."""
    if listing.malformed:
        prefix, code, words = listing.malformed
        for one in asked:
            if not re.fullmatch(rf"{prefix}-([0-9a-f]{{8}}|[0-9a-f]{{17}})", one):
                raise AwsError(code, words.format(one))
    everything: Json = {"IncludeAllInstances": True} if operation == "DescribeInstanceStatus" else {}
    answer = account.ask("ec2", operation, **everything)
    known = {item[listing.id_key] for item in _items(answer, listing.path)}
    missing = [one for one in asked if one not in known]
    if missing:
        grammar = ("", "does") if len(missing) == 1 else ("s", "do")
        text = listing.words.format(s=grammar[0], do=grammar[1], ids=", ".join(missing))
        raise AwsError(listing.code, text)


def describe(operation: str, account: Account, parameters: Json) -> Json:
    """Any of the operations of `LISTINGS`. Raises AwsError."""
    listing = LISTINGS[operation]
    if asked := parameters.get(f"{listing.id_key}s"):
        _refuse_wrong_ids(operation, listing, account, asked)
    answer = account.ask("ec2", operation, **parameters)
    for item in _items(answer, listing.path):
        item.update(account.stated.get(item[listing.id_key], {}))
    return answer


def describe_instance_type_offerings(_account: Account, _parameters: Json) -> Json:
    """Refused: moto's table of them is not loaded, and no answer is better than an empty one."""
    raise not_embedded("ec2:DescribeInstanceTypeOfferings")


OPERATIONS: dict[str, Operation] = {operation: partial(describe, operation) for operation in LISTINGS}
OPERATIONS["DescribeInstanceTypeOfferings"] = describe_instance_type_offerings
