"""What the embedded account takes for granted of moto's insides, one test for each thing.

When one of these fails after moto's version was raised, the two files that touch moto are to be mended:
runbook/local/aws/moto_state.py and moto_wire.py.
"""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Iterator
from importlib.metadata import version

import boto3
import pytest
from werkzeug.test import EnvironBuilder

from runbook.local.aws.moto_state import Moto, _managed_policy, _unable, load
from runbook.local.aws.moto_wire import (
    AwsError,
    Call,
    answer,
    environ_of,
    not_embedded,
    refuse_malformed,
    request_id,
    result_of,
    scope,
    understand,
)
from tests.local.aws_account import CREATED, DRIVER_POLICY, EC2_TRUST, Json

CIDR = {"CidrBlock": "10.0.0.0/16"}
ROLE = {"RoleName": "r", "AssumeRolePolicyDocument": json.dumps(EC2_TRUST)}


def _moto() -> Moto:
    return Moto(account="111122223333", region="us-east-1", now=CREATED)


@pytest.fixture
def moto() -> Iterator[Moto]:
    opened = _moto()
    yield opened
    opened.close()


def _call(service: str, operation: str, parameters: Json) -> Call:
    environ = environ_of(service, operation, parameters, "us-east-1")
    call = understand(environ, *(scope(environ) or ("", "")))
    assert call is not None
    return call


def test_the_version_is_the_one_that_was_looked_into() -> None:
    assert version("moto") == "5.2.5"


def test_loading_leaves_boto3_as_it_was_and_gives_moto_one_session() -> None:
    before = boto3.Session
    load()
    from moto.core import utils
    from moto.core.base_backend import AccountSpecificBackend

    assert boto3.Session is before
    session = AccountSpecificBackend.get_session()
    assert session is AccountSpecificBackend.get_session()
    assert vars(utils)["create_loader"]() is vars(utils)["create_loader"]()
    assert "us-east-1" in session.get_available_regions("ec2")


def test_an_account_begins_without_a_network_or_images(moto: Moto) -> None:
    assert moto.ask("ec2", "DescribeVpcs", {}) == {"Vpcs": []}
    assert moto.ask("ec2", "DescribeSubnets", {}) == {"Subnets": []}
    assert moto.ask("ec2", "DescribeImages", {}) == {"Images": []}


def test_the_account_is_the_chosen_one(moto: Moto) -> None:
    assert moto.ask("ec2", "CreateVpc", CIDR)["Vpc"]["OwnerId"] == "111122223333"
    assert moto.ask("iam", "CreateRole", ROLE)["Role"]["Arn"] == "arn:aws:iam::111122223333:role/r"


def test_the_first_new_id_of_a_prefix_can_be_chosen(moto: Moto) -> None:
    moto.ask("ec2", "CreateVpc", CIDR, ids={"vpc": "vpc-0a000000000000001", "rtb": "rtb-0a000000000000001"})
    other = moto.ask("ec2", "CreateVpc", CIDR)["Vpc"]["VpcId"]
    tables = moto.ask("ec2", "DescribeRouteTables", {})["RouteTables"]

    assert {table["VpcId"]: table["RouteTableId"] == "rtb-0a000000000000001" for table in tables} == {
        "vpc-0a000000000000001": True,
        other: False,
    }


def test_what_is_drawn_by_chance_follows_from_the_request() -> None:
    drawn = []
    for earlier in ([], [CIDR, CIDR]):
        moto = _moto()
        for parameters in earlier:
            moto.ask("ec2", "CreateVpc", parameters)
        drawn.append(moto.ask("iam", "CreateRole", ROLE)["Role"]["RoleId"])
        moto.close()

    assert drawn[0] == drawn[1]


def test_a_request_made_again_draws_anew(moto: Moto) -> None:
    one, other = (moto.ask("ec2", "AllocateAddress", {"Domain": "vpc"})["AllocationId"] for _ in range(2))

    assert one != other


def test_moto_s_clock_stands_still_while_it_is_open(moto: Moto) -> None:
    from moto.core.utils import utcnow

    assert moto.ask("iam", "CreateRole", ROLE)["Role"]["CreateDate"] == CREATED
    moto.close()
    assert abs(utcnow() - dt.datetime.now(dt.UTC).replace(tzinfo=None)) < dt.timedelta(minutes=1)


def test_closing_forgets() -> None:
    first = _moto()
    first.ask("iam", "CreateRole", ROLE)
    first.close()
    second = _moto()
    assert second.ask("iam", "ListRoles", {})["Roles"] == []
    second.close()


def test_one_managed_policy_can_be_read_from_moto_s_table() -> None:
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    whole = json.loads(aws_managed_policies_data)
    assert _managed_policy("AmazonEBSCSIDriverPolicy") == whole["AmazonEBSCSIDriverPolicy"]
    assert _managed_policy("NoSuchPolicy") is None


def test_a_managed_policy_is_there_once_it_was_provided(moto: Moto) -> None:
    with pytest.raises(AwsError, match="NoSuchEntity"):
        moto.ask("iam", "GetPolicy", {"PolicyArn": DRIVER_POLICY})
    moto.provide_managed_policy(DRIVER_POLICY)
    assert moto.ask("iam", "GetPolicy", {"PolicyArn": DRIVER_POLICY})["Policy"]["Arn"] == DRIVER_POLICY


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("ssm", "DescribeInstanceInformation", {}),  # NotImplementedError
        ("eks", "ListAddons", {"clusterName": "shop"}),  # no such path
    ],
)
def test_what_moto_lacks_is_recognised(moto: Moto, service: str, operation: str, parameters: Json) -> None:
    with pytest.raises(AwsError) as refused:
        moto.ask(service, operation, parameters)

    words = f"{service}:{operation} is not part of the embedded account."
    assert (refused.value.code, refused.value.message, refused.value.status) == ("NotEmbedded", words, 501)


def test_what_moto_breaks_over_is_told_in_one_line() -> None:
    assert _unable(KeyError("zone")) == ("KeyError: 'zone'", 501)
    assert not_embedded("ec2:X", "KeyError: 'zone'").message == (
        "ec2:X is not part of the embedded account. KeyError: 'zone'"
    )


def test_an_error_of_moto_s_keeps_code_words_and_status(moto: Moto) -> None:
    with pytest.raises(AwsError) as refused:
        moto.ask("iam", "GetRole", {"RoleName": "x"})

    found = refused.value
    assert (found.code, found.message, found.status) == ("NoSuchEntity", "Role x not found", 404)


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "protocol"),
    [
        ("eks", "DescribeAddon", {"clusterName": "shop", "addonName": "coredns"}, "rest-json"),
        ("eks", "ListPodIdentityAssociations", {"clusterName": "shop", "maxResults": 7}, "rest-json"),
        ("iam", "GetRole", {"RoleName": "r"}, "query"),
        ("ec2", "DescribeVolumes", {"VolumeIds": ["a"], "Filters": [{"Name": "n", "Values": ["v"]}]}, "ec2"),
        ("sts", "GetCallerIdentity", {}, "query"),
    ],
)
def test_requests_are_read_as_boto3_names_them(
    service: str, operation: str, parameters: Json, protocol: str
) -> None:
    call = _call(service, operation, parameters)

    assert (call.name, call.parameters, call.protocol) == (f"{service}:{operation}", parameters, protocol)
    assert call.region == "us-east-1"


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "result"),
    [
        ("eks", "DescribeCluster", {"name": "shop"}, {"cluster": {"name": "shop", "createdAt": CREATED}}),
        ("iam", "ListOpenIDConnectProviders", {}, {"OpenIDConnectProviderList": [{"Arn": "a"}]}),
        ("ec2", "DescribeVpcs", {}, {"Vpcs": [{"VpcId": "vpc-1", "IsDefault": False}]}),
    ],
)
def test_results_and_errors_are_written_in_each_wire_format(
    service: str, operation: str, parameters: Json, result: Json
) -> None:
    call = _call(service, operation, parameters)
    refused = AwsError("NotEmbedded", "not <here>", 501)

    assert result_of(service, operation, answer(call, result, "id-1")) == result
    response = answer(call, refused, "id-1")
    assert (response.status_code, response.headers["x-amzn-RequestId"]) == (501, "id-1")
    with pytest.raises(AwsError) as read:
        result_of(service, operation, response)
    assert (read.value.code, read.value.message) == ("NotEmbedded", "not <here>")


def test_a_presigned_request_is_known_by_its_address() -> None:
    signed = {"X-Amz-Credential": "AKIAIOSFODNN7EXAMPLE/20261121/eu-west-1/sts/aws4_request"}
    query = {"Action": "GetCallerIdentity", **signed}
    environ = EnvironBuilder(path="/", query_string=query).get_environ()

    assert scope(environ) == ("eu-west-1", "sts")
    call = understand(environ, "eu-west-1", "sts")
    assert call is not None
    assert call.name == "sts:GetCallerIdentity"


def test_what_is_unknown_is_not_understood() -> None:
    environ = EnvironBuilder(path="/nothing").get_environ()

    assert scope(environ) is None
    assert understand(environ, "us-east-1", "no-such-service") is None
    assert understand(environ | {"wsgi.input": io.BytesIO()}, "us-east-1", "eks") is None


def test_parameters_that_no_client_would_send_are_refused() -> None:
    call = _call("eks", "DescribeCluster", {"name": "shop"})
    refuse_malformed(call)
    del call.parameters["name"]
    with pytest.raises(AwsError, match='ValidationError: Missing required parameter in input: "name"'):
        refuse_malformed(call)


def test_request_ids_tell_questions_and_repetitions_apart() -> None:
    one = _call("eks", "DescribeCluster", {"name": "shop"})
    other = _call("eks", "DescribeCluster", {"name": "other"})

    assert request_id(one, 0) == request_id(one, 0)
    assert len({request_id(one, 0), request_id(one, 1), request_id(other, 0)}) == 3
