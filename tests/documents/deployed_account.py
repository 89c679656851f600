"""The deployed document for tests: one account in a module, runs one after another."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from runbook.deployment import bucket_name, proxy_stack, run_prefix
from runbook.documents import documents
from runbook.local.account import ACCOUNT, REGION
from runbook.local.automation.engine import Fault
from runbook.local.automation.executions import Automation
from runbook.local.deployed import deployed
from runbook.local.embedded import Embedded
from runbook.local.scenarios import scenarios
from runbook.starting import Ended, follow, start

DOCUMENT = documents()[0]
BUCKET = bucket_name(ACCOUNT, REGION)


class Unwatched:
    """Progress that nobody looks at."""

    def begin(self, step: str) -> None:
        """Nothing."""

    def end(self, step: str, told: str, *, bad: bool) -> None:
        """Nothing."""


@contextmanager
def account_of(scenario: str) -> Iterator[Embedded]:
    """The account of a scenario, with our stack in it."""
    with deployed(scenarios()[scenario].world(datetime.now(UTC))) as servers:
        yield servers


def run(servers: Embedded, scenario: str, faults: Mapping[str, Fault] | None = None) -> tuple[str, Ended]:
    """Run the document to its end; `faults` are by step."""
    automation = servers.aws.account.part(Automation)
    automation.faults.update(faults or {})
    try:
        execution = start(servers.client("ssm"), DOCUMENT.name, scenarios()[scenario].given)
        address = servers.aws.endpoint_url
        return execution, follow(servers.session, execution, Unwatched(), endpoint_url=address, pause=0.2)
    finally:
        automation.faults.clear()


def report_of(servers: Embedded, execution: str) -> dict[str, Any] | None:
    """The report in S3, None where there is none."""
    key = run_prefix(DOCUMENT.name, execution) + "report.json"
    try:
        body = servers.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
    except ClientError:
        return None
    return dict(json.loads(body))


def stack_is_there(servers: Embedded, execution: str) -> bool:
    """Whether an execution's stack exists."""
    stacks = servers.client("cloudformation").describe_stacks()["Stacks"]
    return any(stack["StackName"] == proxy_stack(execution) for stack in stacks)
