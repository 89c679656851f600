"""Every edge of the document: each step crashes, runs out of time, is cancelled.

Whatever happens, the proxy's stack is gone at the end or named as left behind, and there is a report
unless the very step that writes it failed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from runbook.documents.render import rendered
from runbook.local.automation.engine import Fault
from runbook.local.embedded import Embedded
from tests.documents.deployed_account import DOCUMENT, account_of, report_of, run, stack_is_there

STEPS = tuple(step["name"] for step in rendered()[DOCUMENT.name]["mainSteps"])
CHECKING = STEPS[STEPS.index("CheckAccess") : STEPS.index("RemoveProxy")]
LAST = ("RemoveProxy", "GenerateReport", "ConfirmProxyRemoved", "FinishRun")

pytestmark = pytest.mark.xdist_group("deployed")


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How a run ended. `report` is that in S3; `left` says whether the stack is still there."""

    status: str
    ran: tuple[str, ...]
    verdict: str
    report: bool
    left: bool


@pytest.fixture(scope="module")
def servers() -> Iterator[Embedded]:
    with account_of("wrong_audience") as made:
        yield made


def end(servers: Embedded, faults: dict[str, Fault]) -> End:
    execution, ended = run(servers, "wrong_audience", faults)
    steps = servers.client("ssm").describe_automation_step_executions(AutomationExecutionId=execution)
    return End(
        status=ended.status,
        ran=tuple(s["StepName"] for s in steps["StepExecutions"] if s["StepStatus"] != "Pending"),
        verdict=ended.outputs.get("Verdict", ""),
        report=report_of(servers, execution) is not None,
        left=stack_is_there(servers, execution),
    )


def after(step: str) -> tuple[str, ...]:
    return STEPS[: STEPS.index(step) + 1]


def test_nothing_happens_to_a_run_that_nothing_happens_to(servers: Embedded) -> None:
    assert end(servers, {}) == End(status="Success", ran=STEPS, verdict="faulty", report=True, left=False)


STOPPED = ("ValidateTarget", "GenerateReport", "ConfirmProxyRemoved", "FinishRun")
WITHOUT_WAIT = tuple(step for step in STEPS if step != "WaitForProxy")


@pytest.mark.parametrize("fault", ["crash", "timeout"])
@pytest.mark.parametrize(
    ("step", "ran", "verdict", "report", "left"),
    [
        ("ValidateTarget", STOPPED, "inconclusive", True, False),
        # A branch has no way on; nothing is deployed yet.
        ("ChooseRoute", ("ValidateTarget", "ChooseRoute"), "", False, False),
        ("DeployProxy", WITHOUT_WAIT, "inconclusive", True, False),
        ("WaitForProxy", STEPS, "faulty", True, False),
        # What CheckIdentity asks nobody else does: without it the cause is not seen, and none is guessed.
        *(
            (step, STEPS, "inconclusive" if step == "CheckIdentity" else "faulty", True, False)
            for step in CHECKING
        ),
        ("RemoveProxy", STEPS, "faulty", True, True),
        ("GenerateReport", STEPS, "", False, False),
        ("ConfirmProxyRemoved", STEPS, "faulty", True, False),
        ("FinishRun", STEPS, "faulty", True, False),
    ],
)
def test_a_step_that_fails_leads_on_and_the_run_fails(
    servers: Embedded,
    step: str,
    fault: Fault,
    ran: tuple[str, ...],
    verdict: str,
    report: bool,
    left: bool,
) -> None:
    ended = end(servers, {step: fault})
    timed_out = fault == "timeout" and step in ("ChooseRoute", "FinishRun")
    status = "TimedOut" if timed_out else "Failed"
    assert ended == End(status=status, ran=ran, verdict=verdict, report=report, left=left)


@pytest.mark.parametrize(
    ("step", "ran", "verdict", "report"),
    [
        ("ValidateTarget", STOPPED, "inconclusive", True),
        ("ChooseRoute", ("ValidateTarget", "ChooseRoute"), "", False),
        *((step, (*after(step), *LAST), "inconclusive", True) for step in ("DeployProxy", "WaitForProxy")),
        *((step, (*after(step), *LAST), "inconclusive", True) for step in CHECKING[:3]),
        # CheckIdentity has ended by then, and with it the cause is known.
        *((step, (*after(step), *LAST), "faulty", True) for step in CHECKING[3:]),
        ("RemoveProxy", STEPS, "faulty", True),
        ("GenerateReport", STEPS, "", False),
        ("ConfirmProxyRemoved", STEPS, "faulty", True),
        ("FinishRun", STEPS, "faulty", True),
    ],
)
def test_a_cancelled_run_removes_its_proxy_and_reports(
    servers: Embedded, step: str, ran: tuple[str, ...], verdict: str, report: bool
) -> None:
    ended = end(servers, {step: "cancel"})
    assert ended == End(status="Cancelled", ran=ran, verdict=verdict, report=report, left=False)
