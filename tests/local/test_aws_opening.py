"""The embedded account being opened, closed and opened again, and the aws command line."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from runbook.local.aws import AwsError, EmbeddedAws
from tests.local.aws_account import (
    DRIVER,
    ISSUER,
    SUBNET_A,
    VOLUME,
    ask,
    client,
    error,
    state,
    trust,
)


def test_access_entries_need_an_authentication_mode_that_has_them() -> None:
    old = state()
    old["cluster"]["accessConfig"]["authenticationMode"] = "CONFIG_MAP"
    with EmbeddedAws(old) as aws:
        code, words, status = error(aws, "eks", "list_access_entries", clusterName="shop")
    assert (code, status) == ("InvalidRequestException", 400)
    assert words == (
        "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform"
        " this operation."
    )


def test_every_call_is_written_down_in_order() -> None:
    with EmbeddedAws(state()) as aws:
        ask(aws, "eks", "describe_cluster", name="shop")
        error(aws, "iam", "get_role", RoleName="nobody")
        ask(aws, "ec2", "describe_volumes", VolumeIds=[VOLUME])

        assert aws.calls == ["eks:DescribeCluster", "iam:GetRole", "ec2:DescribeVolumes"]


def _everything(aws: EmbeddedAws) -> list[bytes]:
    """The bodies of some answers, as they go over the wire."""
    bodies: list[bytes] = []
    for service, operation in (
        ("eks", "list_clusters"),
        ("ec2", "describe_instances"),
        ("ec2", "describe_route_tables"),
        ("ec2", "describe_volumes"),
        ("iam", "list_roles"),
    ):
        asker = client(aws, service)
        asker.meta.events.register(
            "before-parse", lambda response_dict, **_: bodies.append(response_dict["body"])
        )
        getattr(asker, operation)()
    return bodies


def test_the_same_state_gives_the_same_bytes() -> None:
    with EmbeddedAws(state()) as aws:
        first = _everything(aws)
    with EmbeddedAws(state()) as aws:
        again = _everything(aws)

    assert len(first) == 5
    assert again == first


def test_an_account_sees_nothing_of_the_one_before() -> None:
    with EmbeddedAws(state()) as aws:
        ask(aws, "iam", "create_role", RoleName="left-over", AssumeRolePolicyDocument=json.dumps(trust()))
        ask(aws, "ec2", "create_volume", AvailabilityZone="us-east-1a", Size=1)
    bare = state() | {key: {} for key in ("roles", "instanceProfiles", "instances", "volumes")}
    with EmbeddedAws(bare) as aws:
        assert ask(aws, "iam", "list_roles")["Roles"] == []
        assert ask(aws, "ec2", "describe_volumes") == {"Volumes": []}
        assert aws.calls == ["iam:ListRoles", "ec2:DescribeVolumes"]


def test_the_state_is_copied() -> None:
    given = state()
    before = copy.deepcopy(given)
    with EmbeddedAws(given) as aws:
        assert given == before
        given["cluster"]["status"] = "DELETING"
        assert ask(aws, "eks", "describe_cluster", name="shop")["cluster"]["status"] == "ACTIVE"


def test_only_one_is_open_at_a_time() -> None:
    with EmbeddedAws(state()), pytest.raises(RuntimeError, match="another embedded account is still open"):
        EmbeddedAws(state()).__enter__()
    with pytest.raises(RuntimeError, match="only while it is open"):
        _ = EmbeddedAws(state()).endpoint_url


def test_a_state_that_could_not_exist_is_refused_and_leaves_nothing_open() -> None:
    wrong = state()
    wrong["subnets"][SUBNET_A]["VpcId"] = "vpc-0fff0000000000000"
    with pytest.raises(AwsError, match=r"InvalidVpcID\.NotFound: VpcID vpc-0fff0000000000000 does not exist"):
        EmbeddedAws(wrong).__enter__()
    with EmbeddedAws(state()) as aws:
        assert ask(aws, "eks", "list_clusters") == {"clusters": ["shop"]}


def test_the_aws_command_line_reads_and_mends(tmp_path: Path) -> None:
    broken = state()
    broken["roles"][DRIVER]["AssumeRolePolicyDocument"] = trust("www.sts.amazonaws.com")
    document = tmp_path / "trust.json"
    document.write_text(json.dumps(trust()))
    mend = (
        "iam",
        "update-assume-role-policy",
        "--role-name",
        DRIVER,
        "--policy-document",
        f"file://{document}",
    )

    with EmbeddedAws(broken) as aws:
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **aws.environment()}
        shown = _aws(environment, "eks", "describe-cluster", "--name", "shop", "--query", "cluster.identity")
        before = _aws(environment, "iam", "get-role", "--role-name", DRIVER)
        _aws(environment, *mend)
        after = _aws(environment, "iam", "get-role", "--role-name", DRIVER)

    assert shown == {"oidc": {"issuer": f"https://{ISSUER}"}}
    assert before["Role"]["AssumeRolePolicyDocument"] == trust("www.sts.amazonaws.com")
    assert after["Role"]["AssumeRolePolicyDocument"] == trust()
    assert aws.calls == ["eks:DescribeCluster", "iam:GetRole", "iam:UpdateAssumeRolePolicy", "iam:GetRole"]


def _aws(environment: dict[str, str], *words: str) -> Any:
    """What the aws command prints; the one beside this interpreter comes first."""
    places = os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])
    command = shutil.which("aws", path=places)
    assert command, "awscli belongs to the project's `test` extra"
    line = [command, *words, "--output", "json"]
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout or "null")
