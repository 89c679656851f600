"""The report of a deployed run, and the logs that are kept beside it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from runbook.deployed.asking import Step
from runbook.deployed.execution import NONE, interruptions
from runbook.deployed.store import Store, StoreError
from runbook.recording import Recording
from runbook.report import render
from runbook.report.build import Report
from runbook.report.harmless import harmless
from runbook.run import judge
from runbook.wording import count

FORMS = {"report.txt": "text", "report.md": "md", "report.html": "html", "report.json": "json"}
RECORDING = "recording.json.gz"
#: Bytes of the text in the execution's outputs, where the console shows it, and of the summary.
_MOST_IN_OUTPUT = 20_000
_MOST_IN_SUMMARY = 50_000
_MOST_CAUSES = 3
_LONGEST_SENTENCE = 1_000


async def collect_logs(step: Step) -> str:
    """Ask for the logs that no check has asked for, and write all of them; says how many."""
    engine = step.engine(with_cluster=True)
    await asyncio.gather(*(engine.known(name) for name in step.event.document.logs))
    files = dict(_logs(step.recording))
    try:
        step.store.write(files)
    except StoreError as error:
        return str(error)
    return f"{count(len(files), 'log')} kept"


def _logs(recording: Recording) -> list[tuple[str, bytes]]:
    """`logs/NAMESPACE/POD/CONTAINER.log` with its text, for every log in the recording."""
    found = []
    for request, answer in recording.of("kubernetes"):
        if request.operation == "get pods/log" and answer.outcome == "ok":
            asked = request.parameters
            name = asked["container"] + (".previous" if asked.get("previous") else "")
            text = str(answer.body).encode()
            found.append((f"logs/{asked['namespace']}/{asked['name']}/{name}.log", text))
    return found


async def report(step: Step) -> dict[str, Any]:
    """Judge the merged recording, write recording and report, and give the outputs of the step."""
    step.recording.header = replace(step.recording.header, finished=datetime.now(UTC))
    interrupted = [*interruptions(step.steps()), *step.losses]
    try:
        step.store.write({RECORDING: step.recording.dump()})
        made = await _judge(step, interrupted, step.store.address(RECORDING))
        write_report(step.store, made)
    except StoreError as error:
        return outputs(await _judge(step, interrupted, None), f"{NONE}: {error}")
    return outputs(made, step.store.address("report.html"))


async def _judge(step: Step, interrupted: list[str], location: str | None) -> Report:
    """The report, which begins with what kept the run from doing its work."""
    made = await judge(step.event.document, step.recording, location)
    return {**made, "notices": [*interrupted, *made["notices"]]}


def write_report(store: Store, made: Report) -> None:
    """Write a report in every form. Raises StoreError."""
    store.write({name: render(made, form).encode() for name, form in FORMS.items()})  # type: ignore[arg-type]


def outputs(made: Report, address: str) -> dict[str, Any]:
    """What the execution shows of a report, harmless as every form of it.

    SSM takes 100 KB of JSON from a step; with more the step fails and nothing is shown at all.
    """
    safe = harmless(made)
    return {
        "diagnosis": _summary(safe, address),
        "report": _cut(render(made, "text"), address),
        "verdict": safe["verdict"],
        "cause": safe["sentence"][:_LONGEST_SENTENCE],
        "uri": address,
    }


def _summary(safe: Report, address: str) -> str:
    """The report with fewer keys, to be passed on by machines: the first causes, and problems alone."""
    told = [_brief(one) for one in (*safe["causes"][:_MOST_CAUSES], *safe["obstacles"][:_MOST_CAUSES])]
    mended = {one["finding"] for one in told}
    findings = [
        {key: finding[key] for key in ("id", "check", "status")}
        | {"summary": finding["summary"][:_LONGEST_SENTENCE]}
        | ({"fix": finding["fix"]} if finding["id"] in mended else {})
        for finding in safe["findings"]
        if finding["status"] in ("FAIL", "ERROR")
    ]
    # Those with a remedy first: when it does not fit, the others are left out.
    findings.sort(key=lambda finding: "fix" not in finding)
    kept = {key: safe[key] for key in ("schema", "runbook", "cluster", "execution", "verdict")}
    kept["sentence"] = safe["sentence"][:_LONGEST_SENTENCE]
    number = min(len(safe["causes"]), _MOST_CAUSES)
    kept |= {"causes": told[:number], "obstacles": told[number:], "report": address}
    while True:
        text = json.dumps({**kept, "findings": findings}, ensure_ascii=False)
        if _size(text) <= _MOST_IN_SUMMARY or not findings:
            return text
        findings = findings[: len(findings) // 2]


def _brief(one: dict[str, Any]) -> dict[str, str]:
    """A cause or an obstacle without the list of what follows from it."""
    return {"finding": one["finding"], "summary": one["summary"][:_LONGEST_SENTENCE]}


def _cut(text: str, address: str) -> str:
    if _size(text) <= _MOST_IN_OUTPUT:
        return text
    more = f"\n… cut here; the whole report: {address}\n"
    while _size(text) > _MOST_IN_OUTPUT - _size(more):
        text = text[: len(text) * 9 // 10].rpartition("\n")[0]
    return text + more


def _size(text: str) -> int:
    """Bytes that a text takes in the JSON that a script returns."""
    return len(json.dumps(text))
