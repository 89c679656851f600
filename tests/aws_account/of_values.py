"""What the runs settle about scripts, values, and what a run is for.

Each public function has the name of a heading of docs/unverified.md. It raises KeyError for what is missing.
"""

from __future__ import annotations

import json
import re

from runbook.documents import documents
from runbook.recording import Answer, Request
from runbook.run import replay
from tests.aws_account.seeing import Outcome, Seen, listed, says, status


def attachment_with_packages(seen: Seen) -> Outcome:
    reached = status(seen.normal, "ValidateTarget")
    failure = seen.normal.steps.get("ValidateTarget", {}).get("FailureMessage", "")
    return says(reached == "Success", f"ValidateTarget: {reached} {failure}".strip())


def scripts_know_their_region(seen: Seen) -> Outcome:
    region = seen.recording.header.cluster.get("region", "")
    return says(region == seen.region, f"the recording's Region is {region or 'not known'}")


def outputs_are_whole(seen: Seen) -> Outcome:
    sizes = {name: len(value) for name, value in seen.normal.outputs.items()}
    text = seen.normal.files["report.txt"].decode()
    told = seen.normal.outputs.get("GenerateReport.Report", "")
    whole = bool(told) and text.startswith(told.partition("\n… cut here;")[0])
    return says(whole, ", ".join(f"{name.partition('.')[2]} {size:,}" for name, size in sizes.items()))


def json_stays_text(seen: Seen) -> Outcome:
    told = seen.normal.outputs.get("GenerateReport.DiagnosisReport", "")
    try:
        verdict = json.loads(told)["verdict"]
    except (ValueError, KeyError, TypeError):
        return says(False, f"DiagnosisReport is not the JSON that the script returned: {told[:60]!r}")
    return says(verdict == seen.normal.outputs.get("GenerateReport.Verdict"), f"its verdict is {verdict}")


def report_and_recording(seen: Seen) -> Outcome:
    if missing := {"report.json", "recording.json.gz"} - seen.normal.files.keys():
        uri = seen.normal.outputs.get("GenerateReport.ReportUri", "nothing")
        return says(False, f"not written: {listed(sorted(missing))}; ReportUri: {uri}")
    report = json.loads(seen.normal.files["report.json"])
    document = next(one for one in documents() if one.name == report["runbook"])
    again = replay(document, seen.recording)["sentence"]
    size = len(seen.normal.files["recording.json.gz"])
    return says(again == report["sentence"], f"recording of {size:,} bytes; replayed: {again}")


def empty_defaults(seen: Seen) -> Outcome:
    given = seen.recording.header.parameters
    empty = [name for name in ("ApplicationPodName", "ApplicationNamespace") if given[name] == ""]
    return says(bool(empty), f"arrived as empty: {listed(empty)}")


def placeholders_are_gone(seen: Seen) -> Outcome:
    left = sorted(set(re.findall(r"\$\{\w+\}", json.dumps(seen.content))))
    return says(not left, f"left in the document: {listed(left)}")


def global_variables(seen: Seen) -> Outcome:
    deployment = seen.recording.header.deployment
    if deployment is None:
        return says(False, "the recording names no deployment")
    told = (deployment.account, deployment.region, deployment.execution)
    expected = (seen.account, seen.region, seen.normal.id)
    return says(
        told == expected and "{" not in deployment.partition, f"{deployment.partition}, {', '.join(told)}"
    )


def boolean_spelling(seen: Seen) -> Outcome:
    told = {one.output("ValidateTarget", "Proceed") for one in (seen.normal, seen.stopped)}
    return says({one.lower() for one in told} == {"true", "false"}, f"{listed(sorted(told))}")


def patterns_are_enforced(seen: Seen) -> Outcome:
    told = seen.refused or "the value was taken"
    return says(seen.refused == "InvalidAutomationExecutionParametersException", told)


def token_is_accepted(seen: Seen) -> Outcome:
    outcomes = [answer.outcome for _, answer in seen.recording.of("kubernetes")]
    counts = {one: outcomes.count(one) for one in sorted(set(outcomes))}
    told = ", ".join(f"{number} {name}" for name, number in counts.items())
    return says(
        counts.get("ok", 0) > 0 and "unauthorized" not in counts, f"the cluster's answers: {told or 'none'}"
    )


def policies_suffice(seen: Seen) -> Outcome:
    refused = {request.call for request, answer in _asked_of_aws(seen) if answer.outcome == "refused"}
    return says(not refused, f"refused: {listed(sorted(refused))}")


def boto3_knows_the_calls(seen: Seen) -> Outcome:
    failed = {
        f"{request.call} ({answer.message})"
        for request, answer in _asked_of_aws(seen)
        if answer.outcome == "failed"
    }
    return says(not failed, f"failed: {listed(sorted(failed))}")


def _asked_of_aws(seen: Seen) -> list[tuple[Request, Answer]]:
    return seen.recording.of("aws")
