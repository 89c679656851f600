"""Scenarios through the whole document: what the first step stops, and that the cloud says what a laptop says."""

from __future__ import annotations

from typing import Any

import pytest

from runbook.local.demonstration import deviation
from runbook.local.scenarios import scenarios
from runbook.report import render
from runbook.starting import Ended
from tests.documents.deployed_account import account_of, run, stack_is_there
from tests.scenarios.test_scenarios import demonstrated

pytestmark = pytest.mark.xdist_group("deployed")
STOPPING = [name for name, one in scenarios().items() if one.stops]
#: One for each topic, and one that is healthy.
SAME = [
    "all_well",
    "volume_deleted",
    "no_default_storage_class",
    "scaled_to_zero",
    "rolling_update_of_one_volume",
    "detaching_refused",
]


def through_document(name: str) -> tuple[Ended, bool]:
    with account_of(name) as servers:
        execution, ended = run(servers, name)
        return ended, stack_is_there(servers, execution)


@pytest.mark.parametrize("name", STOPPING)
def test_a_fault_that_stops_the_run_is_told_and_nothing_is_deployed(name: str) -> None:
    ended, stack = through_document(name)
    told = ended.report or ended.summary
    assert deviation(scenarios()[name], told) == ""
    assert ended.status == "Failed"
    assert ended.failure == f"the run was stopped before anything was deployed: {told['sentence']}"
    assert ended.outputs["ProbableCause"] == told["sentence"]
    assert not stack


def about_the_cluster(report: dict[str, Any]) -> dict[str, Any]:
    """A report without what belongs to the deployment or to the time."""
    findings = [finding for finding in report["findings"] if finding["family"] != "deployment"]
    kept = ("sentence", "verdict", "causes", "also_seen", "asked")
    checks = {f["id"]: (f["status"], f["summary"], f["caused_by"], f["fix"]) for f in findings}
    return {key: report[key] for key in kept} | {"checks": checks}


@pytest.mark.parametrize("name", SAME)
def test_the_document_says_what_a_laptop_says(name: str) -> None:
    ended, stack = through_document(name)
    assert ended.report is not None
    assert (ended.status, ended.outputs["LeftBehind"], stack) == ("Success", "nothing", False)
    assert about_the_cluster(ended.report) == about_the_cluster(demonstrated(name).report)


def test_a_report_in_the_outputs_begins_like_the_one_in_s3() -> None:
    ended, _ = through_document("volume_deleted")
    assert ended.report is not None
    shown = ended.outputs["Report"]
    assert render(ended.report, "text").startswith(shown.partition("\n… cut here")[0])
    assert len(shown) < 21_000
