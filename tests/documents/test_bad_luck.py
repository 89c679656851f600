"""What earlier steps learned gets lost: the report says so, and blames nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from runbook.deployed.asking import Step
from runbook.deployed.event import read_event
from runbook.deployment import run_prefix
from runbook.local.aws import Fault
from runbook.local.embedded import Embedded
from runbook.local.scenarios import ORDERS
from tests.documents.deployed_account import BUCKET, DOCUMENT, account_of, report_of, run

pytestmark = pytest.mark.xdist_group("deployed")


class Bound:
    """A session whose clients ask the embedded account."""

    def __init__(self, servers: Embedded) -> None:
        self._servers = servers

    def client(self, service: str, **_options: object) -> Any:
        return self._servers.client(service)


@pytest.fixture(scope="module")
def servers() -> Iterator[Embedded]:
    with account_of("wrong_audience") as made:
        yield made


@pytest.fixture(autouse=True)
def no_faults(servers: Embedded) -> Iterator[None]:
    yield
    servers.aws.faults.clear()


@pytest.mark.parametrize("call", ["s3:ListObjectsV2", "s3:GetObject"])
def test_parts_that_cannot_be_read_are_named_and_nothing_is_guessed(servers: Embedded, call: str) -> None:
    servers.aws.faults[call] = Fault(kind="refused")
    execution, ended = run(servers, "wrong_audience")
    assert ended.outputs["Verdict"] == "inconclusive"
    report = " ".join(ended.outputs["Report"].split())
    parts = f"s3://{BUCKET}/{run_prefix(DOCUMENT.name, execution)}parts/"
    assert (
        f"What earlier steps learned, below {parts}, was not read: bucket {BUCKET} cannot be used" in report
    )
    assert "EKS did not tell" not in report
    assert "WHAT TO DO" not in report


def test_a_step_that_crashed_is_named(servers: Embedded) -> None:
    execution, _ = run(servers, "wrong_audience", {"CheckNodes": "crash"})
    report = report_of(servers, execution)
    assert report is not None
    assert report["notices"] == [
        "Step CheckNodes failed: Injected fault: the step crashes. What only it asks is not checked."
    ]


def test_a_cancelled_run_says_so(servers: Embedded) -> None:
    execution, ended = run(servers, "wrong_audience", {"CheckController": "cancel"})
    report = report_of(servers, execution)
    assert (ended.status, report is not None) == ("Cancelled", True)
    said = "The run was cancelled in step CheckController. What it had not asked by then is not checked."
    assert report
    assert report["notices"][0] == said


def test_a_part_that_is_damaged_costs_that_part_alone(servers: Embedded) -> None:
    s3 = servers.client("s3")
    put = s3.put_object
    execution, _ = run(servers, "wrong_audience")
    key = f"{run_prefix(DOCUMENT.name, execution)}parts/99-Junk.json.gz"
    put(Bucket=BUCKET, Key=key, Body=b"junk")
    payload = {
        "step": "GenerateReport", "number": 14, "seconds": 40,
        "run": {
            "document": DOCUMENT.name, "execution": execution, "region": "us-east-1",
            "account": "111122223333", "partition": "aws", "bucket": BUCKET,
            "automationRole": "", "cloudFormationRole": "", "functionRole": "",
            "parameters": {p.name: p.default or "shop" for p in DOCUMENT.parameters} | dict(ORDERS),
        },
    }  # fmt: skip
    step = Step(read_event(payload), Bound(servers))
    assert step.losses == [
        "A part of what earlier steps learned was left out: parts/99-Junk.json.gz is not a recording: it holds "
        "neither JSON nor gzipped JSON."
    ]
    assert len(step.recording.entries) > 20
