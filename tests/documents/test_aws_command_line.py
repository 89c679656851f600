"""The second way in: the ordinary aws command line, from start to report, and what it leaves behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.deployment import proxy_stack, run_prefix
from runbook.local.aws import Fault
from runbook.local.embedded import Embedded
from runbook.local.scenarios import scenarios
from tests.documents.deployed_account import BUCKET, DOCUMENT, account_of, stack_is_there

pytestmark = pytest.mark.xdist_group("deployed")
SEED = "wrong_audience"
SENTENCE = (
    "pod shop/orders-0 waits for its volume because IAM role shop-ebs-csi accepts only tokens for "
    "'www.sts.amazonaws.com', while Kubernetes issues them for 'sts.amazonaws.com'."
)


@pytest.fixture(scope="module")
def servers() -> Iterator[Embedded]:
    with account_of(SEED) as made:
        yield made


@pytest.fixture(autouse=True)
def no_faults(servers: Embedded) -> Iterator[None]:
    yield
    servers.aws.faults.clear()


def aws(servers: Embedded, *words: str) -> Any:
    """What the aws command line prints, as JSON where it is."""
    here = servers.aws.environment()
    done = subprocess.run(
        [Path(sys.executable).with_name("aws"), "--endpoint-url", here.pop("AWS_ENDPOINT_URL"), *words],
        env={**{k: v for k, v in os.environ.items() if not k.startswith("AWS_")}, **here, "AWS_PAGER": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout


def begin(servers: Embedded) -> str:
    parameters = json.dumps({name: [value] for name, value in scenarios()[SEED].given.items()})
    words = ("--document-name", DOCUMENT.name, "--parameters", parameters)
    return str(aws(servers, "ssm", "start-automation-execution", *words)["AutomationExecutionId"])


def ended(servers: Embedded, execution: str) -> dict[str, Any]:
    while True:
        words = ("ssm", "get-automation-execution", "--automation-execution-id", execution)
        found: dict[str, Any] = aws(servers, *words)["AutomationExecution"]
        if found["AutomationExecutionStatus"] not in ("Pending", "InProgress", "Cancelling"):
            return found
        time.sleep(0.3)


def steps(servers: Embedded, execution: str) -> dict[str, str]:
    words = ("ssm", "describe-automation-step-executions", "--automation-execution-id", execution)
    return {s["StepName"]: s["StepStatus"] for s in aws(servers, *words)["StepExecutions"]}


def test_from_start_to_the_report(servers: Embedded, tmp_path: Path) -> None:
    execution = begin(servers)
    done = ended(servers, execution)
    outputs = {name: values[0] for name, values in done["Outputs"].items()}
    assert done["AutomationExecutionStatus"] == "Success"
    assert outputs["GenerateReport.Verdict"] == "faulty"
    assert outputs["GenerateReport.ProbableCause"] == SENTENCE
    assert outputs["ConfirmProxyRemoved.LeftBehind"] == "nothing"
    uri = f"s3://{BUCKET}/{run_prefix(DOCUMENT.name, execution)}report.html"
    assert outputs["GenerateReport.ReportUri"] == uri
    aws(servers, "s3", "cp", uri, str(tmp_path / "report.html"))
    assert "accepts only tokens for" in (tmp_path / "report.html").read_text(encoding="utf-8")
    listed = aws(servers, "s3", "ls", "--recursive", uri.removesuffix("report.html"))
    names = sorted(line.rpartition(f"{execution}/")[2] for line in listed.splitlines())
    assert [name for name in names if not name.startswith(("parts/", "logs/"))] == [
        "recording.json.gz", "report.html", "report.json", "report.md", "report.txt",
    ]  # fmt: skip
    assert sum(name.startswith("parts/") for name in names) == 9
    assert "logs/kube-system/ebs-csi-controller-6c7f9b5d4-2xk8p/ebs-plugin.log" in names
    assert set(steps(servers, execution).values()) == {"Success"}
    assert not stack_is_there(servers, execution)


def test_cancelled_in_the_middle_it_removes_its_proxy_and_reports(servers: Embedded) -> None:
    servers.aws.faults["lambda:Invoke"] = Fault(kind="slow", seconds=2)  # the command line takes its time too
    execution = begin(servers)
    while steps(servers, execution).get("CheckController") != "InProgress":
        time.sleep(0.05)
    aws(servers, "ssm", "stop-automation-execution", "--automation-execution-id", execution)
    done = ended(servers, execution)
    told = steps(servers, execution)
    assert done["AutomationExecutionStatus"] == "Cancelled"
    assert (told["RemoveProxy"], told["GenerateReport"]) == ("Success", "Success")
    assert "Cancelled" in told.values()
    assert done["Outputs"]["GenerateReport.ReportUri"][0].startswith(f"s3://{BUCKET}/")
    assert not stack_is_there(servers, execution)


def test_a_function_that_cannot_be_asked_leaves_awss_part(servers: Embedded) -> None:
    servers.aws.faults["lambda:Invoke"] = Fault(kind="failed")
    execution = begin(servers)
    done = ended(servers, execution)
    assert done["AutomationExecutionStatus"] == "Success"
    assert done["Outputs"]["GenerateReport.Verdict"] == ["inconclusive"]
    report = done["Outputs"]["GenerateReport.Report"][0]
    assert "The Kubernetes API gave no answer: the proxy function could not be asked" in report
    assert "EKS sees the driver's add-on in order." in report
    assert not stack_is_there(servers, execution)


def test_a_proxy_that_cannot_be_made_is_explained_and_removed(servers: Embedded) -> None:
    servers.aws.faults["lambda:CreateFunction"] = Fault(kind="refused")
    execution = begin(servers)
    done = ended(servers, execution)
    assert done["AutomationExecutionStatus"] == "Failed"
    report = " ".join(done["Outputs"]["GenerateReport.Report"][0].split())
    assert f"there is no proxy function {proxy_stack(execution)}: Proxy: Resource handler returned" in report
    assert "is not authorized to perform: lambda:CreateFunction" in report
    assert not stack_is_there(servers, execution)


def test_when_s3_refuses_everything_is_in_the_outputs(servers: Embedded) -> None:
    servers.aws.faults["s3:PutObject"] = Fault(kind="refused")
    execution = begin(servers)
    done = ended(servers, execution)
    outputs = {name: values[0] for name, values in done["Outputs"].items()}
    assert done["AutomationExecutionStatus"] == "Success"
    assert outputs["GenerateReport.ProbableCause"] == SENTENCE
    assert "aws iam update-assume-role-policy --role-name shop-ebs-csi" in outputs["GenerateReport.Report"]
    assert outputs["GenerateReport.ReportUri"].startswith(f"none: bucket {BUCKET} cannot be used:")
    assert not stack_is_there(servers, execution)
