"""Who a key stands for: sessions of roles, trust policies, and the tokens of EKS."""

from __future__ import annotations

import base64
import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import urllib3
from botocore.exceptions import ClientError

from runbook.local.aws import AwsError, EmbeddedAws, principals
from runbook.local.kubernetes import Identity
from runbook.local.tokens import Tokens
from runbook.ports.token import eks_token
from tests.local.aws_account import ACCOUNT, ask, error, state

STEPS = f"arn:aws:iam::{ACCOUNT}:role/steps"
NEAR = f"arn:aws:iam::{ACCOUNT}:role/near"
USER = f"arn:aws:iam::{ACCOUNT}:user/on-call"
SOURCE = f"arn:aws:ssm:us-east-1:{ACCOUNT}:automation-execution/1"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/steps/run"
VIEW = {
    "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminViewPolicy",
    "accessScope": {"type": "cluster"},
}
ENTRY = {"principalArn": STEPS, "kubernetesGroups": ["readers"], "associatedAccessPolicies": [VIEW]}


def trusts(principal: Any, **condition: Any) -> Any:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **condition}
    return {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}


def may(action: str, resource: str = "*") -> Any:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return {"InlinePolicies": {"own": {"Version": "2012-10-17", "Statement": [statement]}}}


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    account = state() | {"accessEntries": {STEPS: ENTRY}}
    here = {"StringEquals": {"aws:SourceAccount": ACCOUNT}, "ArnLike": {"aws:SourceArn": SOURCE[:-1] + "*"}}
    roles = {
        "steps": trusts({"AWS": USER}) | may("sts:AssumeRole", NEAR),
        "near": trusts({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
        "external": trusts({"AWS": ACCOUNT}, Condition={"StringEquals": {"sts:ExternalId": "42"}}),
        "named": trusts({"AWS": [STEPS]}),
        "document": trusts({"Service": "ssm.amazonaws.com"}, Condition=here),
        "other": trusts({"Service": "ec2.amazonaws.com"}),
        "denied": {
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Principal": "*", "Action": "sts:*"},
                    {"Effect": "Deny", "Principal": {"AWS": USER}, "Action": "sts:AssumeRole"},
                ],
            }
        },
    }
    account["roles"] = {**account["roles"], **roles}
    with EmbeddedAws(account) as opened:
        yield opened


def assume(aws: EmbeddedAws, role: str, **more: Any) -> Any:
    return ask(aws, "sts", "assume_role", RoleArn=role, RoleSessionName="run", **more)


def session(aws: EmbeddedAws, role: str = STEPS, name: str = "run") -> Any:
    keys = principals.credentials(aws.account, role=role, session=name)
    return boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], "us-east-1")


def on_call() -> Any:
    key, secret = principals.USER_KEYS.values()
    return boto3.Session(key, secret, region_name="us-east-1")


def token_of(address: str) -> str:
    return "k8s-aws-v1." + base64.urlsafe_b64encode(address.encode()).decode().rstrip("=")


def denied(role: str, user: str = USER) -> str:
    return f"User: {user} is not authorized to perform: sts:AssumeRole on resource: {role}"


def test_a_session_is_known_by_its_keys(aws: EmbeddedAws) -> None:
    before = dt.datetime.now(dt.UTC)

    answer = assume(aws, STEPS, DurationSeconds=900)

    keys = answer["Credentials"]
    role = ask(aws, "iam", "get_role", RoleName="steps")["Role"]["RoleId"]
    assert answer["AssumedRoleUser"] == {"AssumedRoleId": f"{role}:run", "Arn": SESSION}
    assert 890 <= (keys["Expiration"] - before).total_seconds() <= 901
    acting = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], "us-east-1")
    found = acting.client("sts", endpoint_url=aws.endpoint_url).get_caller_identity()
    assert (found["UserId"], found["Account"], found["Arn"]) == (f"{role}:run", ACCOUNT, SESSION)


def test_the_user_is_known_too(aws: EmbeddedAws) -> None:
    identity = ask(aws, "sts", "get_caller_identity")
    assert identity == {"UserId": "AIDACKCEVSQ6C2EXAMPLE", "Account": ACCOUNT, "Arn": USER}


@pytest.mark.parametrize("name", ["named", "document", "external", "denied", "absent"])
def test_a_role_that_does_not_trust_the_caller_is_refused_like_one_that_is_not_there(
    aws: EmbeddedAws, name: str
) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    found = error(aws, "sts", "assume_role", RoleArn=role, RoleSessionName="run")
    assert found == ("AccessDenied", denied(role), 403)


def test_an_external_id_is_a_condition(aws: EmbeddedAws) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/external"
    assert assume(aws, role, ExternalId="42")["AssumedRoleUser"]["Arn"].endswith("assumed-role/external/run")
    wrong = {"RoleArn": role, "RoleSessionName": "run", "ExternalId": "43"}
    assert error(aws, "sts", "assume_role", **wrong) == ("AccessDenied", denied(role), 403)


def test_a_role_may_assume_one_that_names_it_or_one_that_its_own_policies_name(aws: EmbeddedAws) -> None:
    sts = session(aws).client("sts", endpoint_url=aws.endpoint_url)
    for role in (NEAR, f"arn:aws:iam::{ACCOUNT}:role/named"):
        arn = sts.assume_role(RoleArn=role, RoleSessionName="on")["AssumedRoleUser"]["Arn"]
        assert arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/{role.rpartition('/')[2]}/on"
    external = f"arn:aws:iam::{ACCOUNT}:role/external"
    with pytest.raises(ClientError) as refused:
        sts.assume_role(RoleArn=external, RoleSessionName="on", ExternalId="42")
    assert refused.value.response["Error"]["Message"] == denied(external, SESSION)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (
            {"DurationSeconds": 7200},
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ),
        ({"RoleArn": "arn:aws:iam::1:user/someone"}, "arn:aws:iam::1:user/someone is invalid"),
    ],
)
def test_what_sts_refuses_besides(aws: EmbeddedAws, more: Any, words: str) -> None:
    wrong = {"RoleArn": STEPS, "RoleSessionName": "run"} | more
    assert error(aws, "sts", "assume_role", **wrong) == ("ValidationError", words, 400)


def test_a_temporary_key_of_nobody_is_refused_and_any_other_is_the_users(aws: EmbeddedAws) -> None:
    stranger = boto3.Session("ASIAIOSFODNN7EXAMPLE", "s", "t", "us-east-1")
    with pytest.raises(ClientError) as refused:
        stranger.client("sts", endpoint_url=aws.endpoint_url).get_caller_identity()
    found = refused.value.response["Error"]
    assert found["Code"] == "InvalidClientTokenId"
    assert found["Message"] == "The security token included in the request is invalid."
    other = boto3.Session("AKIAI44QH8DHBEXAMPLE", "s", region_name="us-east-1")
    assert other.client("sts", endpoint_url=aws.endpoint_url).get_caller_identity()["Arn"] == USER


@pytest.mark.parametrize(
    ("service", "code", "words"),
    [
        (
            "ssm.amazonaws.com",
            "InvalidAutomationExecutionParametersException",
            "The defined assume role is unable to be assumed.",
        ),
        ("cloudformation.amazonaws.com", "ValidationError", "Role {role} is invalid or cannot be assumed"),
        (
            "lambda.amazonaws.com",
            "InvalidParameterValueException",
            "The role defined for the function cannot be assumed by Lambda.",
        ),
        (
            "events.amazonaws.com",
            "AccessDenied",
            "User: events.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: {role}",
        ),
    ],
)
@pytest.mark.parametrize("name", ["other", "absent"])
def test_a_service_says_in_its_own_words_that_it_cannot_assume_a_role(
    aws: EmbeddedAws, service: str, code: str, words: str, name: str
) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    with pytest.raises(AwsError) as refused:
        principals.client(aws.account, "s3", role=role, session="run", assumed_by=service)
    assert (refused.value.code, refused.value.message) == (code, words.format(role=role))


def test_a_service_assumes_a_role_for_the_resource_that_the_trust_policy_names(aws: EmbeddedAws) -> None:
    role, ssm = f"arn:aws:iam::{ACCOUNT}:role/document", "ssm.amazonaws.com"
    acting = principals.client(
        aws.account, "sts", role=role, session="run", assumed_by=ssm, source=SOURCE
    ).get_caller_identity()
    assert acting["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/document/run"
    with pytest.raises(AwsError):
        principals.credentials(aws.account, role=role, session="run", assumed_by=ssm, source=f"{USER}/1")


def tokens(aws: EmbeddedAws, later: dt.timedelta = dt.timedelta()) -> Tokens:
    found = Tokens({"fixed": Identity(user="fixed")}, now=lambda: dt.datetime.now(dt.UTC) + later)
    found.account = aws.account
    return found


def test_a_token_is_the_user_that_the_access_entry_of_its_role_says(aws: EmbeddedAws) -> None:
    token = eks_token("shop", session=session(aws))
    groups = ("readers", "eks:access-policy:AmazonEKSAdminViewPolicy")
    assert tokens(aws)[token] == Identity(user=SESSION, groups=groups)
    assert tokens(aws)["fixed"] == Identity(user="fixed")


def test_a_token_of_the_aws_command_line_is_as_good(aws: EmbeddedAws, tmp_path: Path) -> None:
    keys = principals.credentials(aws.account, role=STEPS, session="run")
    environment = {"PATH": os.defpath, "HOME": str(tmp_path), **aws.environment()} | {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }
    command = [str(Path(sys.executable).with_name("aws")), "eks", "get-token", "--cluster-name", "shop"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    token = json.loads(done.stdout)["status"]["token"]
    # It is made for the address of the account, which stands for that of STS.
    address = base64.urlsafe_b64decode(token.removeprefix("k8s-aws-v1.") + "==").decode()
    assert address.startswith(aws.endpoint_url)
    assert tokens(aws)[token].user == SESSION


def test_no_other_token_is_taken(aws: EmbeddedAws) -> None:
    good = eks_token("shop", session=session(aws))
    user = on_call()
    stranger = boto3.Session("ASIAIOSFODNN7EXAMPLE", "s", "t", "us-east-1")
    forged = boto3.Session(session(aws).get_credentials().access_key, "wrong", "t", "us-east-1")
    plain = session(aws).client("sts").generate_presigned_url("get_caller_identity")
    address = base64.urlsafe_b64decode(good.removeprefix("k8s-aws-v1.") + "==").decode()
    host = "sts.us-east-1.amazonaws.com"
    bad = {
        "no token of EKS": "demonstration",
        "another cluster": eks_token("shops", session=session(aws)),
        "no access entry": eks_token("shop", session=user),
        "a stranger": eks_token("shop", session=stranger),
        "forged": eks_token("shop", session=forged),
        "no cluster signed": token_of(plain),
        "another host": token_of(address.replace(host, f"{host}.example.com")),
        "another call": token_of(address.replace("GetCallerIdentity", "GetSessionToken")),
        "another role": token_of(address.replace("ASIA", "AKIA")),
        "not an address": "k8s-aws-v1.e30",
        "not base64": "k8s-aws-v1.ä",
    }
    assert {why for why, token in bad.items() if tokens(aws).get(token)} == set()
    assert tokens(aws).get(token_of(address)) == tokens(aws).get(good)
    assert tokens(aws, dt.timedelta(minutes=14)).get(good)
    assert tokens(aws, dt.timedelta(minutes=15)).get(good) is None


def test_a_cluster_that_looks_at_no_access_entries_knows_nobody(aws: EmbeddedAws) -> None:
    token = eks_token("shop", session=session(aws))
    access = aws.account.state["cluster"]["accessConfig"]
    access["authenticationMode"] = "CONFIG_MAP"
    try:
        assert tokens(aws).get(token) is None
    finally:
        access["authenticationMode"] = "API"


def test_the_address_in_a_token_can_be_asked(aws: EmbeddedAws) -> None:
    sts = session(aws).client("sts", endpoint_url=aws.endpoint_url)
    answer = urllib3.request("GET", sts.generate_presigned_url("get_caller_identity"))
    assert f"<Arn>{SESSION}</Arn>" in answer.data.decode()
