"""S3: moto keeps buckets and objects; here is what it takes no notice of, owners and Regions.

The state's `buckets` are by name: `Region` (this account's unless given), `PublicAccessBlock`, `Policy` and
`Versioning` (`Enabled`, `Suspended`) as S3's API takes them, `ACL` (a canned one). `foreignBuckets` are names
of other accounts' buckets; nothing is kept of them, they refuse everything.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from runbook.local.aws.account import Account
from runbook.local.aws.moto_wire import AwsError, Call, Json

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_VIRTUAL = re.compile(
    r"(?P<bucket>[a-z0-9][a-z0-9.-]+?)\.(?P<host>(localhost|127\.0\.0\.1|s3\.[a-z0-9.-]+)(:\d+)?)"
)
_OLDEST = "us-east-1"  # S3 refuses to be told this Region by name
_MOVED = (
    "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all"
    " future requests to this endpoint."
)
_TAKEN = (
    "The requested bucket name is not available. The bucket namespace is shared by all users of the system."
    " Please select a different name and try again."
)


def lay_out(account: Account) -> None:
    """Make the state's buckets. Raises AwsError."""
    for name, bucket in account.state.get("buckets", {}).items():
        _lay_out(account, name, bucket)


def _lay_out(account: Account, name: str, bucket: Json) -> None:
    region = bucket.get("Region", account.region)
    wanted: Json = {} if region == _OLDEST else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    if acl := bucket.get("ACL"):
        wanted["ACL"] = acl
    account.ask("s3", "CreateBucket", Bucket=name, **wanted)
    if policy := bucket.get("Policy"):
        account.ask("s3", "PutBucketPolicy", Bucket=name, Policy=json.dumps(policy))
    if block := bucket.get("PublicAccessBlock"):
        account.ask("s3", "PutPublicAccessBlock", Bucket=name, PublicAccessBlockConfiguration=block)
    if versioning := bucket.get("Versioning"):
        account.ask("s3", "PutBucketVersioning", Bucket=name, VersioningConfiguration={"Status": versioning})


def path_style(environ: WSGIEnvironment) -> WSGIEnvironment:
    """The same request with the bucket in its path, where its address had it in the host's name."""
    found = _VIRTUAL.fullmatch(environ.get("HTTP_HOST", ""))
    if found is None:
        return environ
    path = f"/{found['bucket']}{environ['PATH_INFO']}"
    return environ | {"HTTP_HOST": found["host"], "PATH_INFO": path, "RAW_URI": path, "REQUEST_URI": path}


def refuse_strangers(account: Account, call: Call) -> None:
    """Raise AwsError for a bucket of another account or Region, and for an owner expected in vain."""
    bucket = call.parameters.get("Bucket")
    if call.service != "s3" or bucket is None:
        return
    foreign = bucket in account.state.get("foreignBuckets", ())
    if foreign and call.operation == "CreateBucket":
        raise AwsError("BucketAlreadyExists", _TAKEN, 409)
    if foreign or call.parameters.get("ExpectedBucketOwner", account.id) != account.id:
        raise AwsError("AccessDenied", "Access Denied", 403)
    region = account.state.get("buckets", {}).get(bucket, {}).get("Region", call.region)
    if region != call.region and call.operation not in ("GetBucketLocation", "CreateBucket"):
        raise AwsError("PermanentRedirect", _MOVED, 301, headers={"x-amz-bucket-region": region})
