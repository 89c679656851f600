"""`make verify-aws` itself, in an embedded account; and that docs/unverified.md and it speak of the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from runbook.local.deployed import deployed
from runbook.local.scenarios import scenarios
from runbook.local.world import STORY_TIME
from tests.aws_account import verify
from tests.aws_account.running import Run
from tests.aws_account.seeing import Seen

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "unverified.md").read_text(encoding="utf-8")
SECTIONS = {
    found[1]: found[0]
    for found in re.findall(r"^(### `([\w-]+)` .+?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)
}

pytestmark = pytest.mark.xdist_group("verify-aws")  # the three runs are made once


def test_the_page_tells_of_each_assumption_how_it_is_settled() -> None:
    assert {name for name, text in SECTIONS.items() if "\n- Settled: " in text} == verify.SETTLED.keys()
    assert {name for name, text in SECTIONS.items() if re.search(r"\n- (Not settled|Look): ", text)} == (
        SECTIONS.keys() - verify.SETTLED.keys()
    )
    assert verify.titles().keys() == SECTIONS.keys()


@pytest.mark.parametrize("name", SECTIONS)
def test_the_page_names_where_each_is_assumed(name: str) -> None:
    named = re.findall(r"`((?:runbook|lambda_proxy|stacks)/[\w./]+)`", SECTIONS[name])
    assert [path for path in named if not (ROOT / path).exists()] == []
    assert named or name in ("interface-goes", "prices")


@pytest.fixture(scope="module")
def embedded_run() -> Seen:
    """What was seen in an embedded account."""
    with (
        pytest.MonkeyPatch.context() as patch,
        deployed(scenarios()["wrong_audience"].world(STORY_TIME)) as servers,
    ):
        for name, value in servers.aws.environment().items():
            patch.setenv(name, value)
        account = verify.account_of(verify.options(_words(servers.aws.endpoint_url)))
        return verify.look(account, "shop")


def _words(address: str) -> list[str]:
    return ["--cluster", "shop", "--region", "us-east-1", "--endpoint-url", address, "--pause", "0.1"]


def test_nothing_contradicts_in_an_embedded_account(
    embedded_run: Seen, capsys: pytest.CaptureFixture[str]
) -> None:
    outcomes = verify.judge(embedded_run)
    assert {name: outcome.told for name, outcome in outcomes.items() if outcome.holds is not True} == {}
    assert verify.report(embedded_run, outcomes) == 0
    printed = capsys.readouterr().out
    for run, status in (("normal", "Success"), ("cancelled", "Cancelled"), ("stopped", "Failed")):
        assert f"execution {getattr(embedded_run, run).id}: {status}; SSM forgets it after 30 days" in printed
    assert "STILL THERE" not in printed


def _without(step: str) -> Callable[[Run], Run]:
    def change(run: Run) -> Run:
        left = [one for one in run.execution["StepExecutions"] if one["StepName"] != step]
        return replace(run, execution={**run.execution, "StepExecutions": left})

    return change


def _status(status: str) -> Callable[[Run], Run]:
    return lambda run: replace(run, execution={**run.execution, "AutomationExecutionStatus": status})


@pytest.mark.parametrize(
    ("changed", "name", "told"),
    [
        ({"normal": _without("ValidateTarget")}, "attachment-with-packages", "ValidateTarget: not reached"),
        ({"normal": _without("RemoveProxy")}, "role-stays-with-stack", "RemoveProxy: not reached; stacks left: none"),
        ({"normal": _status("Failed")}, "everything-succeeded", "verdict faulty; steps that failed: none"),
        ({"normal": lambda run: replace(run, files={})}, "report-and-recording", None),
        ({"cancelled": _status("Failed")}, "cancelled-is-the-status", "Failed"),
        ({"stopped": _status("Success")}, "last-step-fails-the-run", "the run without such a cluster ended with Success"),
        ({"content": {"x": "${ReportBucket}"}}, "placeholders-are-gone", "left in the document: ${ReportBucket}"),
        ({"refused": ""}, "patterns-are-enforced", "the value was taken"),
        ({"account": "999999999999"}, "global-variables", None),
        ({"swept": (True, False, True)}, "events-start-the-sweeper", "Success: swept, Cancelled: not swept, Failed: swept"),
    ],
)  # fmt: skip
def test_what_contradicts_is_told(
    embedded_run: Seen, changed: dict[str, Any], name: str, told: str | None
) -> None:
    made = {
        key: value(getattr(embedded_run, key)) if callable(value) else value for key, value in changed.items()
    }
    outcomes = verify.judge(replace(embedded_run, **made))
    assert outcomes[name].holds is False
    assert told in (None, outcomes[name].told)
    assert verify.report(embedded_run, outcomes) == 1


def test_a_refused_account_is_told_in_a_line(capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    assert verify.main(_words("http://127.0.0.1:9")) == 3
    assert capsys.readouterr().err.splitlines() == [
        'verify-aws: Could not connect to the endpoint URL: "http://127.0.0.1:9/"'
    ]
