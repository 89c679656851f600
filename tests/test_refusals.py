"""Law: whatever is refused or times out, no wrong cause is named, and no broken cluster becomes healthy."""

from __future__ import annotations

import pytest

from runbook.local.scenarios import Scenario, scenarios
from runbook.recording import Answer, Outcome, Recording
from runbook.run import replay
from tests.scenarios.test_scenarios import demonstrated

#: True of the same cluster, and all that can be said while it is not known that a role was made.
ALSO_TRUE = {"ebs.identity.service_account_role": "ebs.identity.own_identity"}


def without(recording: Recording, call: str, outcome: Outcome) -> Recording:
    """The recording as it would be had this kind of question not been answered."""
    entries = {
        key: (
            request,
            Answer(outcome=outcome, message=f"{call} was refused") if request.call == call else answer,
        )
        for key, (request, answer) in recording.entries.items()
    }
    return Recording(header=recording.header, entries=entries)


@pytest.mark.parametrize("scenario", scenarios().values(), ids=list(scenarios()))
def test_a_refusal_makes_no_wrong_cause_and_nothing_healthy(scenario: Scenario) -> None:
    recording = demonstrated(scenario.name).recording
    true = {*scenario.causes, *(ALSO_TRUE[cause] for cause in scenario.causes if cause in ALSO_TRUE)}
    well = "ebs.target.ready" not in scenario.fails
    wrong = []
    for call in sorted({request.call for request, _ in recording.entries.values()}):
        report = replay(scenario.document, without(recording, call, "refused"))
        causes = {cause["finding"].partition("#")[0] for cause in report["causes"]}
        if extra := causes - true:
            wrong.append(f"without {call}: cause {', '.join(sorted(extra))}")
        # What is seen working is healthy, whatever else could not be looked at.
        if report["verdict"] == "healthy" and scenario.verdict != "healthy" and not well:
            wrong.append(f"without {call}: healthy")
        if errors := [f["check"] for f in report["findings"] if f["status"] == "ERROR"]:
            wrong.append(f"without {call}: error in {', '.join(errors)}")
    assert wrong == []
