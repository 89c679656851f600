"""The embedded account: its state as the World gives it, and moto, which holds what can be changed."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable, Sequence
from threading import RLock
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from runbook.local.aws.moto_state import Moto
from runbook.local.aws.moto_wire import Json

if TYPE_CHECKING:
    from runbook.local.aws.principals import Principal


class Part(Protocol):
    """What an operation of ours keeps between calls: stacks, functions, executions."""

    def __init__(self, account: Account) -> None: ...

    def close(self) -> None:
        """Stop what was begun; the account still answers."""


_Part = TypeVar("_Part", bound=Part)
LONG_AGO = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


class Account:
    """What every operation of ours is given.

    `state` is a copy of `World.aws`. Beyond what every World has, it may have `nodegroups` (by name) and
    `accessEntries` (by principal ARN, each with its `associatedAccessPolicies`) as EKS describes them,
    `fargateProfiles` (by name), `securityGroups` (by id, rules as EC2's `IpPermissions` and
    `IpPermissionsEgress`), `buckets` (by name: `Region`, `Policy`, `ACL`, `PublicAccessBlock`),
    `foreignBuckets` (names of buckets that other accounts have),
    `policies` (by ARN, each with its `PolicyDocument`), `ebsEncryptionByDefault`, a role's
    `PermissionsBoundary`, and any further key of a resource as EC2 answers it (`SystemStatus`, `Iops`).

    `stated` maps the id of an EC2 resource to what the state says of it, in
    the names of the answer; it is more than moto can hold (a volume that is still `creating`, two
    attachments), so it is laid over moto's answers until a call changes the resource.
    """

    def __init__(self, aws: Json) -> None:
        self.state: Json = copy.deepcopy(aws)
        self.stated: dict[str, Json] = {}
        self.id: str = aws["account"]
        self.region: str = aws["region"]
        self.partition: str = aws["partition"]
        self.created: dt.datetime = aws["cluster"].get("createdAt", LONG_AGO)
        self.principal = f"arn:{self.partition}:iam::{self.id}:user/on-call"
        self.endpoint_url = ""
        self.principals: dict[str, Principal] = {}
        self.on_event: Callable[[Json], None] = lambda _event: None
        self._parts: dict[type[Part], Any] = {}
        self._parts_lock = RLock()
        self.moto = Moto(account=self.id, region=self.region, now=self.created)

    def ask(
        self, service: str, operation: str, /, *, ids: dict[str, str] | None = None, **parameters: Any
    ) -> Json:
        """Ask moto, by the names of the AWS API. Raises AwsError."""
        return self.moto.ask(service, operation, parameters, ids=ids)

    def forget_stated(self, parameters: Json) -> None:
        """A call has changed the resources that its parameters name; from now on moto knows better."""
        text = str(parameters)
        for resource_id in [known for known in self.stated if known in text]:
            del self.stated[resource_id]

    def part(self, kind: type[_Part]) -> _Part:
        """The account's only `kind`, made when it is first asked for."""
        with self._parts_lock:
            if kind not in self._parts:
                self._parts[kind] = kind(self)
            found: _Part = self._parts[kind]
            return found

    def finish(self) -> None:
        """Stop what is still going on, while there is an address to stop it at."""
        while self._parts:
            self._parts.popitem()[1].close()

    def close(self) -> None:
        """Forget everything, so that another account can be opened."""
        self.moto.close()


Operation = Callable[[Account, Json], Json]


def page(items: Sequence[Any], parameters: Json, key: str) -> Json:
    """One page of a list, as AWS's newer services cut it (`maxResults`, `nextToken`)."""
    start = int(parameters.get("nextToken") or 0)
    end = start + int(parameters.get("maxResults") or 100)
    more = {"nextToken": str(end)} if end < len(items) else {}
    return {key: list(items[start:end]), **more}
