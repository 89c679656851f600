"""What an execution shows of a report fits into what SSM takes from a step, whatever a cluster says."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from runbook.deployed.reporting import outputs
from tests.report.samples import SAMPLES

#: https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-executeScript.html
SSM_TAKES = 100 * 1024
URI = "s3://bucket/run/report.html"


def crowded(pods: int, said: str) -> dict[str, Any]:
    """The faulty sample with many causes, each with many problems that follow from it, in many words."""
    report = copy.deepcopy(SAMPLES["faulty"])
    [failed, *_] = [finding for finding in report["findings"] if finding["status"] == "FAIL"]
    many = [{**failed, "id": f"{failed['id']}-{n}", "summary": said, "facts": [said]} for n in range(pods)]
    follow = [finding["id"] for finding in many]
    report["findings"] += many
    report["causes"] += [{"finding": one, "summary": said, "consequences": follow} for one in follow]
    report["sentence"] = said
    return report


@pytest.mark.parametrize(
    "said", ["x" * 300, "\u4e2d" * 3_000, "\u4e2d\n" * 100_000], ids=["many", "wide", "long"]
)
def test_the_outputs_always_fit_and_keep_the_verdict(said: str) -> None:
    told = outputs(crowded(100, said), URI)
    assert len(json.dumps(told)) < SSM_TAKES
    assert (told["verdict"], told["uri"]) == ("faulty", URI)
    summary = json.loads(told["diagnosis"])
    assert [cause["finding"] for cause in summary["causes"]] == [
        cause["finding"] for cause in crowded(100, said)["causes"][:3]
    ]
    assert told["report"].endswith(f"… cut here; the whole report: {URI}\n")


def test_what_fits_is_told_whole() -> None:
    told = outputs(SAMPLES["faulty"], URI)
    summary = json.loads(told["diagnosis"])
    failed = [finding["id"] for finding in SAMPLES["faulty"]["findings"] if finding["status"] == "FAIL"]
    assert sorted(finding["id"] for finding in summary["findings"]) == sorted(failed)
    assert summary["sentence"] == told["cause"] == SAMPLES["faulty"]["sentence"]
    assert all(finding["fix"] for finding in summary["findings"][: len(summary["causes"])])
