"""The account as the steps of one execution see it: as the document's role, or else as the caller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3

from runbook.local.automation.records import Execution
from runbook.local.automation.sandbox import Sandbox
from runbook.local.aws import principals
from runbook.local.aws.principals import Principal

if TYPE_CHECKING:
    from runbook.local.aws.account import Account


class AccountEnvironment:
    """What the actions of one execution may use."""

    def __init__(
        self, account: Account, execution: Execution, sandbox: Sandbox, attachments: dict[str, bytes]
    ) -> None:
        self._account = account
        self._execution = execution
        self._attachments = attachments
        self._clients: dict[str, Any] = {}
        self._session: Any = None
        self.sandbox = sandbox
        self.region = account.region
        self.endpoint_url = account.endpoint_url

    def client(self, service: str) -> Any:
        """A boto3 client for a service; made once. Raises botocore's UnknownServiceError."""
        if service not in self._clients:
            self._clients[service] = self._own_session().client(service, endpoint_url=self.endpoint_url)
        return self._clients[service]

    def role_keys(self) -> dict[str, str] | None:
        """Credentials of the document's role; None where it has none."""
        order = self._execution.order
        if not order.role:
            return None
        return principals.credentials(self._account, role=order.role, session=session_name(order.id))

    def attachment(self, name: str) -> bytes:
        """A file attached to the document's version."""
        return self._attachments[name]

    def set_variable(self, name: str, value: Any) -> None:
        """Change a variable of the document; its name begins with `variable:`."""
        self._execution.variables[name.removeprefix("variable:")] = value

    def _own_session(self) -> Any:
        if self._session is None:
            keys = self.role_keys() or keys_of(self._account, self._execution.order.caller)
            self._session = session_of(self._account, keys)
        return self._session


def session_name(execution_id: str) -> str:
    """The name of the role's session, as SSM chooses it."""
    return f"Automation-{execution_id}"


def keys_of(account: Account, principal: Principal) -> dict[str, str]:
    """Keys with which a principal that is known here can call again."""
    if not principal.role:
        key, secret = principals.USER_KEYS.values()
        return {"AccessKeyId": key, "SecretAccessKey": secret}
    return principals.credentials(account, role=principal.role, session=principal.arn.rpartition("/")[2])


def session_of(account: Account, keys: dict[str, str]) -> Any:
    """A boto3 session of its own: the default one is not made for several threads."""
    return boto3.Session(
        region_name=account.region,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys.get("SessionToken"),
    )
