"""How CloudFormation and Lambda call other services: as a role that they were given, or as their caller."""

from __future__ import annotations

from threading import Lock
from typing import Any

import boto3
from botocore import xform_name
from botocore.config import Config

from runbook.local.aws import principals
from runbook.local.aws.account import Account
from runbook.local.aws.cloudformation.conform import conform
from runbook.local.aws.moto_wire import Json

# boto3's default session is not made for threads.
_MAKING = Lock()


class Clients:
    """Calls at the account's own address, as one principal."""

    def __init__(self, account: Account, principal: principals.Principal, *, session: str = "") -> None:
        self._account = account
        self._principal = principal
        self._session = session or principal.arn.rpartition("/")[2]
        self._clients: dict[str, Any] = {}

    def __call__(self, service: str, operation: str, /, **parameters: Any) -> Json:
        """Call an operation; texts become numbers or truth values where it wants such.

        Raises Misfit, and botocore's ClientError.
        """
        client = self._client(service)
        model = client.meta.service_model.operation_model(operation)
        fitting = conform(parameters, model.input_shape) if model.input_shape else {}
        answer: Json = getattr(client, xform_name(operation))(**fitting)
        del answer["ResponseMetadata"]
        return answer

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            with _MAKING:
                self._clients[service] = self._made(service)
        return self._clients[service]

    def _made(self, service: str) -> Any:
        if self._principal.role:
            return principals.client(self._account, service, role=self._principal.role, session=self._session)
        return boto3.client(
            service,  # type: ignore[call-overload]  # the stubs want a literal
            region_name=self._account.region,
            endpoint_url=self._account.endpoint_url,
            aws_access_key_id=principals.USER_KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=principals.USER_KEYS["AWS_SECRET_ACCESS_KEY"],
            config=Config(retries={"total_max_attempts": 1}),
        )


def as_caller(account: Account) -> Clients:
    """As the principal whose request is being answered."""
    return Clients(account, principals.caller())


def as_role(account: Account, role: str, session: str) -> Clients:
    """As a role that a service was given."""
    return Clients(account, principals.Principal(arn="", role=role), session=session)
