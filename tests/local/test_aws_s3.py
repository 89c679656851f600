"""Buckets of the embedded account, for boto3 and for the aws command line."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from runbook.local.aws import EmbeddedAws, Fault, principals
from tests.local.aws_account import ACCOUNT, ask, client, error, state

CLOSED = {
    "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True,
}  # fmt: skip
ANYBODY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::open/*"}
    ],
}
BUCKETS: dict[str, Any] = {
    "reports": {"PublicAccessBlock": CLOSED, "Versioning": "Enabled"},
    "open": {"Policy": ANYBODY},
    "shared": {"ACL": "public-read"},
    "far": {"Region": "eu-west-1"},
}
DENIED = ("AccessDenied", "Access Denied", 403)


@pytest.fixture(scope="module")
def opened() -> Iterator[EmbeddedAws]:
    with EmbeddedAws(state() | {"buckets": BUCKETS, "foreignBuckets": ["foreign"]}) as embedded:
        yield embedded


@pytest.fixture
def aws(opened: EmbeddedAws) -> Iterator[EmbeddedAws]:
    yield opened
    opened.faults.clear()


def read(aws: EmbeddedAws, bucket: str, key: str) -> bytes:
    body: bytes = client(aws, "s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return body


def test_a_bucket_is_what_the_state_says(aws: EmbeddedAws) -> None:
    assert ask(aws, "s3", "get_public_access_block", Bucket="reports") == {
        "PublicAccessBlockConfiguration": CLOSED
    }
    assert ask(aws, "s3", "get_bucket_versioning", Bucket="reports")["Status"] == "Enabled"
    assert ask(aws, "s3", "get_bucket_policy_status", Bucket="open") == {"PolicyStatus": {"IsPublic": True}}
    assert error(aws, "s3", "get_public_access_block", Bucket="open")[0] == (
        "NoSuchPublicAccessBlockConfiguration"
    )
    uris = [
        grant["Grantee"].get("URI") for grant in ask(aws, "s3", "get_bucket_acl", Bucket="shared")["Grants"]
    ]
    assert "http://acs.amazonaws.com/groups/global/AllUsers" in uris
    listed = {bucket["Name"] for bucket in ask(aws, "s3", "list_buckets")["Buckets"]}
    assert listed == {"reports", "open", "shared", "far"}


def test_the_owner_that_a_call_expects_is_compared(aws: EmbeddedAws) -> None:
    put = {"Bucket": "reports", "Key": "a", "Body": b"1"}
    ask(aws, "s3", "put_object", **put, ExpectedBucketOwner=ACCOUNT)
    assert error(aws, "s3", "put_object", **put, ExpectedBucketOwner="444455556666") == DENIED
    assert read(aws, "reports", "a") == b"1"


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [("put_object", {"Key": "a", "Body": b"1"}), ("get_bucket_policy_status", {}), ("list_objects_v2", {})],
)
def test_another_accounts_bucket_refuses_everything(
    aws: EmbeddedAws, operation: str, parameters: Any
) -> None:
    assert error(aws, "s3", operation, Bucket="foreign", **parameters) == DENIED


def test_a_name_that_is_taken_elsewhere_cannot_be_had(aws: EmbeddedAws) -> None:
    assert error(aws, "s3", "create_bucket", Bucket="foreign")[::2] == ("BucketAlreadyExists", 409)


def test_a_bucket_that_is_not_there(aws: EmbeddedAws) -> None:
    assert error(aws, "s3", "put_object", Bucket="absent", Key="a", Body=b"") == (
        "NoSuchBucket",
        "The specified bucket does not exist",
        404,
    )
    assert error(aws, "s3", "head_bucket", Bucket="absent") == ("404", "Not Found", 404)


def test_a_bucket_of_another_region_tells_where_it_is(aws: EmbeddedAws) -> None:
    assert ask(aws, "s3", "get_bucket_location", Bucket="far") == {"LocationConstraint": "eu-west-1"}
    # The client signs again for the Region that the first answer named.
    aws.calls.clear()
    ask(aws, "s3", "put_object", Bucket="far", Key="a", Body=b"far")
    assert aws.calls == ["s3:PutObject", "s3:PutObject"]
    assert client(aws, "s3", region="eu-west-1").get_object(Bucket="far", Key="a")["Body"].read() == b"far"


def test_a_refusal_has_the_words_of_s3(aws: EmbeddedAws) -> None:
    aws.faults["s3:PutObject"] = Fault(kind="refused")
    assert error(aws, "s3", "put_object", Bucket="reports", Key="a/b", Body=b"1") == (
        "AccessDenied",
        f"User: arn:aws:iam::{ACCOUNT}:user/on-call is not authorized to perform: s3:PutObject on resource:"
        ' "arn:aws:s3:::reports/a/b" because no identity-based policy allows the s3:PutObject action',
        403,
    )
    aws.faults["s3:PutObject"] = Fault(kind="throttled")
    assert error(aws, "s3", "put_object", Bucket="reports", Key="a/b", Body=b"1")[::2] == ("SlowDown", 503)


def signed(aws: EmbeddedAws, host: str, path: str, body: bytes) -> dict[str, str]:
    """Headers for a PUT to a host's name that need not be known to this machine."""
    key, secret = principals.USER_KEYS.values()
    request: Any = AWSRequest("PUT", f"http://{host}{path}", data=body)
    auth: Any = SigV4Auth(Credentials(key, secret), "s3", "us-east-1")
    auth.add_auth(request)
    return {"Host": host, **dict(request.headers.items())}


@pytest.mark.parametrize("host", ["reports.localhost:{port}", "reports.s3.us-east-1.amazonaws.com"])
def test_a_bucket_may_be_in_the_hosts_name(aws: EmbeddedAws, host: str) -> None:
    port = urlsplit(aws.endpoint_url).port
    name, body = host.format(port=port), host.encode()
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request(
        "PUT", "/deep/key%20one", body=body, headers=signed(aws, name, "/deep/key%20one", body)
    )
    assert connection.getresponse().status == 200
    connection.close()
    assert read(aws, "reports", "deep/key one") == body


def test_what_is_sent_in_chunks_arrives_whole(aws: EmbeddedAws) -> None:
    port = urlsplit(aws.endpoint_url).port
    headers = signed(aws, f"127.0.0.1:{port}", "/reports/chunks", b"")
    connection = http.client.HTTPConnection("127.0.0.1", port)
    parts = iter([b"one, ", b"two"])
    connection.request("PUT", "/reports/chunks", body=parts, headers=headers, encode_chunked=True)
    assert connection.getresponse().status == 200
    connection.close()
    assert read(aws, "reports", "chunks") == b"one, two"


def aws_cli(aws: EmbeddedAws, home: Path, *arguments: str) -> str:
    command = [str(Path(sys.executable).with_name("aws")), *arguments]
    environment = {"PATH": os.defpath, "HOME": str(home), **aws.environment()}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_aws_command_line_copies_there_and_back(aws: EmbeddedAws, tmp_path: Path) -> None:
    small, big, back = tmp_path / "small.txt", tmp_path / "big", tmp_path / "back"
    small.write_text("hello\n")
    big.write_bytes(bytes(range(256)) * 40_000)  # more than one part
    aws_cli(aws, tmp_path, "s3", "cp", "--quiet", str(small), "s3://reports/run/small.txt")
    aws_cli(aws, tmp_path, "s3", "cp", "--quiet", str(big), "s3://reports/run/big")
    aws_cli(aws, tmp_path, "s3", "cp", "--quiet", "s3://reports/run/big", str(back))
    assert back.read_bytes() == big.read_bytes()
    assert aws_cli(aws, tmp_path, "s3", "cp", "s3://reports/run/small.txt", "-") == "hello\n"
    listed = aws_cli(aws, tmp_path, "s3", "ls", "s3://reports/run/").splitlines()
    assert [line.split()[2:] for line in listed] == [["10240000", "big"], ["6", "small.txt"]]


def test_a_role_may_write_where_its_policy_says_and_nowhere_else(aws: EmbeddedAws) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/shop-node"
    policy = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource":'
        ' "arn:aws:s3:::reports/mine/*", "Condition": {"StringEquals": {"s3:ResourceAccount": "111122223333"},'
        ' "Bool": {"aws:SecureTransport": "true"}}}]}'
    )
    ask(aws, "iam", "put_role_policy", RoleName="shop-node", PolicyName="put", PolicyDocument=policy)
    s3 = principals.client(aws.account, "s3", role=role, session="run")
    s3.put_object(Bucket="reports", Key="mine/a", Body=b"1")
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket="reports", Key="yours/a", Body=b"1")
    assert refused.value.response["Error"]["Message"] == (
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/shop-node/run is not authorized to perform: s3:PutObject on"
        ' resource: "arn:aws:s3:::reports/yours/a" because no identity-based policy allows the s3:PutObject action'
    )
