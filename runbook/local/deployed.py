"""The embedded account with our stack in it: the very template and zips that a real one would get."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import time
from collections.abc import Iterator
from importlib import resources
from typing import Any

from runbook.commands import aws, command
from runbook.deployment import STACK
from runbook.local.account import ACCOUNT, REGION
from runbook.local.embedded import Embedded, embedded
from runbook.local.scenarios import Scenario
from runbook.local.world import World
from runbook.local.zips import function_zip, host_site_packages, steps_zip
from runbook.progress import Lines
from runbook.run import Clock
from runbook.starting import Ended, follow, start

TEMPLATE = f"{STACK}.template.json"
#: What `cdk bootstrap` makes: the bucket into which `cdk deploy` puts template and zips.
_ASSETS = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
_PAUSE = 0.2


@contextlib.contextmanager
def deployed(world: World, *, port: int = 0) -> Iterator[Embedded]:
    """Serve a world, with our stack deployed in its account."""
    with embedded(world, port=port) as servers:
        deploy(servers)
        yield servers


def deploy(servers: Embedded) -> None:
    """Create the stack as `cdk deploy` does: from the bucket of assets. Raises RuntimeError when it fails."""
    text = _template(code := steps_zip())
    steps, function = _keys(json.loads(text))
    # The zip of the function is for this machine, where the deployed one could not run.
    files = {
        TEMPLATE: text.encode(),
        steps: code,
        function: function_zip(host_site_packages(), compressed=False),
    }
    s3 = servers.client("s3")
    s3.create_bucket(Bucket=_ASSETS)
    for key, content in files.items():
        s3.put_object(Bucket=_ASSETS, Key=key, Body=content)
    cloudformation = servers.client("cloudformation")
    cloudformation.create_stack(
        StackName=STACK,
        TemplateURL=f"{servers.aws.endpoint_url}/{_ASSETS}/{TEMPLATE}",
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    while (found := cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]) and found[
        "StackStatus"
    ] == "CREATE_IN_PROGRESS":
        time.sleep(_PAUSE)
    if found["StackStatus"] != "CREATE_COMPLETE":
        events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
        reasons = [
            f"{e['LogicalResourceId']}: {e.get('ResourceStatusReason')}"
            for e in reversed(events)
            if e["ResourceStatus"].endswith("FAILED")
        ]
        raise RuntimeError(f"stack {STACK}: {found['StackStatus']}: {'; '.join(reasons)}")


def _template(steps: bytes) -> str:
    """The committed template; while the code is being changed, with the checksum that steps.zip has now.

    A test fails when what is committed is stale, so that it is the very template that is deployed.
    """
    text = resources.files("runbook.local").joinpath(TEMPLATE).read_text(encoding="utf-8")
    committed = re.search(r'"steps.zip":\s*{\s*"checksums":\s*{\s*"sha256":\s*"([0-9a-f]{64})"', text)
    return text.replace(committed[1], hashlib.sha256(steps).hexdigest()) if committed else text


def _keys(template: dict[str, Any]) -> tuple[str, str]:
    """Where the stack expects the two zips in the bucket of assets."""
    contents = [
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::SSM::Document"
    ]
    steps = json.dumps(contents[0]["Attachments"]).rpartition("/")[2].partition('"')[0]
    function = next(
        parameter["ParameterValue"]
        for content in contents
        for step in content["Content"]["mainSteps"]
        if step["action"] == "aws:createStack"
        for parameter in step["inputs"]["Parameters"]
        if parameter["ParameterKey"] == "CodeKey"
    )
    return steps, function


def demonstrate(scenario: Scenario, clock: Clock, lines: Lines) -> Ended:
    """Run a scenario's document whole, as in the cloud."""
    with deployed(scenario.world(clock())) as servers:
        execution = start(servers.client("ssm"), scenario.document.name, scenario.given)
        return follow(servers.session, execution, lines, endpoint_url=servers.aws.endpoint_url, pause=_PAUSE)


def how_to(scenario: Scenario, servers: Embedded) -> str:
    """What to type in another shell, to use the served account."""
    starting = aws(
        "", "ssm", "start-automation-execution", "--document-name", scenario.document.name,
        "--parameters", json.dumps({name: [value] for name, value in scenario.given.items()}),
    )  # fmt: skip
    return "\n".join(
        (
            f"An account and a cluster that exist on this machine alone: {scenario.title}",
            "In another shell:",
            "",
            "  " + command("export", *(f"{k}={v}" for k, v in servers.aws.environment().items())),
            "  " + starting,
            "  aws ssm get-automation-execution --automation-execution-id ID",
            "  aws ssm describe-automation-step-executions --automation-execution-id ID",
            "  aws ssm stop-automation-execution --automation-execution-id ID",
            "  aws s3 cp REPORT_URI .",
            "",
            "Ctrl-C here ends it.",
        )
    )
