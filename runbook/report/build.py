"""The report as JSON holds it (schema.json), made from a diagnosis and its recording."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from runbook.commands import kubectl
from runbook.diagnosis import Diagnosis
from runbook.model import Finding, Resource
from runbook.permissions import GROUP
from runbook.recording import Header, Recording
from runbook.report.stopped import TOPIC, not_reached, start_again
from runbook.telling import chain, sentence

Report = dict[str, Any]

_ACCESS = (
    "To let this runbook read the cluster: kubectl apply -f docs/cluster-role.yaml, and give the group that "
    f"it binds, {GROUP}, to the access entry of the role or user that runs it."
)
#: More steps than these are no help at night.
_MOST_STEPS = 4


def build(
    diagnosis: Diagnosis, recording: Recording, cluster: dict[str, str], location: str | None
) -> Report:
    """The report; `cluster` has name, region, version and account, `location` says where the recording is."""
    header = recording.header
    told = (*diagnosis.validation, *diagnosis.findings)
    topics = [step.topic for step in diagnosis.document.steps]
    return {
        "schema": "1",
        "runbook": diagnosis.document.name,
        "cluster": cluster,
        "parameters": dict(header.parameters),
        "execution": header.deployment.execution if header.deployment else "",
        "started": _time(header.now),
        "finished": _time(header.finished or header.now),
        "notices": [] if diagnosis.obstacles else notices(recording),
        "asked": [_resource(r) for r in (diagnosis.asked.resources if diagnosis.asked else ())],
        "verdict": diagnosis.verdict,
        "sentence": sentence(diagnosis, cluster["name"]),
        "obstacles": [{"finding": f.id, "summary": f.summary} for f in diagnosis.obstacles],
        "causes": [
            {"finding": c.id, "summary": c.summary, "consequences": [f.id for f in diagnosis.consequences(c)]}
            for c in diagnosis.causes
        ],
        "chain": [{**row, "resource": _resource(row["resource"])} for row in chain(diagnosis)],
        "findings": [_finding(diagnosis, finding) for finding in told],
        "not_checked": [
            *not_reached(diagnosis),
            *(
                {"check": f.check, "title": diagnosis.check(f).title, "reason": f.summary, "grant": f.grant}
                for f in told
                if f.status in ("UNKNOWN", "ERROR")
            ),
        ],
        "also_seen": [finding.id for finding in diagnosis.also_seen],
        "look_next": _look_next(diagnosis, header),
        "sections": [*([TOPIC] if diagnosis.validation else []), *([] if diagnosis.obstacles else topics)],
        "left_behind": [],
        "recording": location,
        "calls": _calls(recording),
    }


def with_left_behind(report: Report, items: Iterable[Mapping[str, str]]) -> Report:
    """The report with what the run could not remove.

    Of each item `text` is a clause ("stack s is still there"), `command` what removes it.
    """
    return {**report, "left_behind": [{"text": i["text"], "command": i["command"]} for i in items]}


def notices(recording: Recording) -> list[str]:
    """What must be said before anything else: which side did not answer, or does not know the cluster."""
    said = []
    for port, name in (("kubernetes", "The Kubernetes API"), ("aws", "AWS")):
        answers = [answer for _, answer in recording.of(port)]
        if answers and not silent(recording, port):
            continue
        reason = answers[0].message.rstrip(".") if answers else "it was not asked"
        said.append(f"{name} gave no answer: {reason}. What only it could tell is not checked.")
        if port == "kubernetes" and any(answer.outcome in ("refused", "unauthorized") for answer in answers):
            said.append(_ACCESS)
    for request, answer in recording.of("aws"):
        if request.call == "eks:DescribeCluster" and answer.outcome == "absent":
            said.append(f"AWS knows no cluster {request.parameters['name']} in this account and Region.")
    return said


def silent(recording: Recording, port: str) -> bool:
    """Whether one side answered nothing at all."""
    return not any(answer.outcome in ("ok", "absent") for _, answer in recording.of(port))


def _finding(diagnosis: Diagnosis, finding: Finding) -> Report:
    check, problem = diagnosis.check(finding), finding.problem
    quoted = [_excerpt(e) for e in problem.evidence] if problem else []
    return {
        "id": finding.id,
        "check": check.id,
        "family": check.family,
        "topic": check.topic,
        "title": check.title,
        "status": finding.status,
        "kind": check.kind,
        "severity": check.severity,
        "resource": _resource(problem.resource) if problem else None,
        "summary": "" if finding.status == "PASS" else finding.summary,
        "facts": list(problem.facts) if problem else [],
        "evidence": quoted or [{"call": call, "excerpt": ""} for call in finding.calls],
        "caused_by": list(diagnosis.caused_by.get(finding.id, ())),
        "fix": [asdict(fix) for fix in problem.fix] if problem else [],
        "docs": check.docs,
        "covers": list(check.covers),
    }


def _excerpt(excerpt: Any) -> Report:
    return {key: value for key, value in asdict(excerpt).items() if value or key != "at"}


def _resource(resource: Resource) -> Report:
    return {key: value for key, value in asdict(resource).items() if value or key not in ("uid", "arn")}


def _look_next(diagnosis: Diagnosis, header: Header) -> list[dict[str, str]]:
    if diagnosis.obstacles:
        return start_again(diagnosis, header)
    if diagnosis.verdict == "faulty" or diagnosis.asked is None:
        return []
    signs = [f.problem.fix for f in diagnosis.unexplained if f.problem]
    nearest = [{"text": fix.text, "command": fix.command} for fixes in signs for fix in fixes]
    return nearest[:_MOST_STEPS] + [
        {"text": f"Events and state of {r.kind.lower()} {r.path}", "command": _describe(r)}
        for r in diagnosis.asked.resources[:3]
        if r.exists
    ]


def _describe(resource: Resource) -> str:
    return kubectl(resource, "describe", resource.kind.lower(), resource.name)


def _calls(recording: Recording) -> dict[str, int]:
    asked = [request for request, _ in recording.of("kubernetes")]
    logs = sum(request.operation == "get pods/log" for request in asked)
    return {"kubernetes": len(asked) - logs, "logs": logs, "aws": len(recording.of("aws")), "nodes": 0}


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
